import type { HashFunction } from '../../domain/shared/digest.ts';
import type { Json } from '../../domain/shared/event.ts';
import type { IrBlock } from '../../domain/ir/node.ts';
import { printBlock } from '../../domain/ir/printer.ts';
import {
  blockIdentity,
  blockStream,
  translationBlock,
  type TranslationBlockCommand,
  type TranslationBlockState,
  type Verdict,
} from '../../domain/translation-block/translation-block.ts';
import { readTranslationBlockEvent } from '../../domain/translation-block/read-event.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Stores } from '../recording/journal.ts';
import type { GuestBlock } from './guest-block.ts';
import { ProofError } from './proofs.ts';

/** The optimiser, as an engine whose translations are IR. */
const engine = 'optimiser';

export interface BlockRecordParts {
  readonly stores: Stores;
  readonly hash: HashFunction;
  readonly newId: () => string;
}

/**
 * What is recorded of a block, in the stream that its content names. Laws: a verdict is about the block's meaning and its
 * optimised form, both by digest: when either changes, it is forgotten; a refutation is durable before it is told.
 */
export class BlockRecord {
  readonly #parts: BlockRecordParts;
  readonly #stream: string;
  readonly #output;
  readonly #optimised: IrBlock;
  readonly #block: GuestBlock;
  readonly #code: string;
  readonly #isa: string;
  #state: TranslationBlockState = translationBlock.initial;
  #revision = -1;

  private constructor(isa: string, block: GuestBlock, optimised: IrBlock, parts: BlockRecordParts) {
    this.#parts = parts;
    this.#isa = isa;
    this.#block = block;
    this.#optimised = optimised;
    this.#code = Array.from(block.code, (byte) => byte.toString(16).padStart(2, '0')).join('');
    this.#stream = blockStream(blockIdentity(parts.hash, { isa, mode: 'user', code: this.#code }));
    this.#output = parts.hash(`${printBlock(block.raw)}\n${printBlock(optimised)}`);
  }

  static async open(
    isa: string,
    block: GuestBlock,
    optimised: IrBlock,
    parts: BlockRecordParts,
  ): Promise<BlockRecord> {
    const record = new BlockRecord(isa, block, optimised, parts);
    await record.#load(parts.stores.events);
    return record;
  }

  /** What is known of this block optimised so. */
  get verdict(): Verdict {
    if (this.#state.status === 'absent') return { kind: 'unknown' };
    const translation = this.#state.translations.get(engine);
    return translation?.output === this.#output ? translation.verdict : { kind: 'unknown' };
  }

  async proved(solver: string): Promise<void> {
    await this.#append([...this.#translated(), { type: 'ProveBlock', engine, solver }]);
  }

  /** `counterexample`: the case that shows it. */
  async refuted(counterexample: string): Promise<void> {
    const blob = new TextEncoder().encode(counterexample);
    await this.#parts.stores.blobs.putMany([blob]);
    const digest = this.#parts.hash(blob);
    await this.#append([
      ...this.#translated(),
      { type: 'RefuteBlock', engine, reference: 'golden', counterexample: digest },
    ]);
  }

  #translated(): TranslationBlockCommand[] {
    const lift = { isa: this.#isa, mode: 'user', code: this.#code, instructions: this.#block.listing.length };
    return [
      ...(this.#state.status === 'absent' ? [{ type: 'LiftBlock', ...lift } as const] : []),
      { type: 'TranslateBlock', engine, output: this.#output, size: this.#optimised.nodes.length },
    ];
  }

  async #load(events: EventStore): Promise<void> {
    for await (const stored of events.read(this.#stream)) {
      const read = readTranslationBlockEvent(stored);
      if (!read.ok)
        throw new ProofError(
          'damaged-block',
          `event ${stored.revision.toString()} of ${stored.stream} cannot be used: ${read.error}; use another store`,
          { stream: stored.stream },
        );
      this.#state = translationBlock.evolve(this.#state, read.value);
      this.#revision = stored.revision;
    }
  }

  async #append(commands: readonly TranslationBlockCommand[]): Promise<void> {
    const events = commands.flatMap((command) => {
      const decided = translationBlock.decide(command, this.#state);
      if (!decided.ok) throw new TypeError(`${command.type} was refused: ${decided.error.reason}`);
      for (const event of decided.value) this.#state = translationBlock.evolve(this.#state, event);
      return decided.value;
    });
    // Another process that proved the block meanwhile has said the same.
    await this.#parts.stores.events.append(
      this.#stream,
      this.#revision < 0 ? 'none' : this.#revision,
      events.map(({ type, version, data }) => ({
        id: this.#parts.newId(),
        type,
        version,
        data: data as unknown as Json,
      })),
    );
  }
}
