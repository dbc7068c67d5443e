import type { Candidate, TranslationPolicy } from '../../../../application/ports/translation-policy.ts';
import { blockFeatures } from '../../../../domain/guidance/block-features.ts';
import type { InstructionSource } from '../../golden/instruction-source.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import { isTranslatable } from '../region/translatable.ts';
import { discoverRegion, type BasicBlock } from '../region/region-discovery.ts';

const oneBlock = { instructions: 64, blocks: 1 };

/** How a block stands with the policy. */
interface Asked {
  readonly firstSeen: number;
  /** Entries when the policy is asked next. */
  readonly entries: number;
}

/** Asks the policy about blocks, and remembers how often they were entered. */
export class Promotion {
  readonly #policy: TranslationPolicy;
  readonly #memory: FlatMemory;
  readonly #source: InstructionSource;
  readonly #isKept: (address: number) => boolean;
  readonly #asked = new Map<number, Asked>();

  constructor(
    policy: TranslationPolicy,
    memory: FlatMemory,
    source: InstructionSource,
    isKept: (address: number) => boolean,
  ) {
    this.#policy = policy;
    this.#memory = memory;
    this.#source = source;
    this.#isKept = isKept;
  }

  /** What `first` gives of any block; 0: the policy looks at each. */
  get always(): number {
    return this.#policy.first ?? 0;
  }

  /** How often the block at `address`, which is new, is to be interpreted before `again` is asked; 0: not once. */
  first(address: number, icount: number): number {
    return this.#policy.first ?? this.#ask(address, { firstSeen: icount, entries: 0 }, icount);
  }

  /** The same for a block that was interpreted as often as was said last; 0: it is to be translated. */
  again(address: number, icount: number): number {
    return this.#ask(
      address,
      this.#asked.get(address) ?? { firstSeen: icount, entries: this.always },
      icount,
    );
  }

  #ask(address: number, { firstSeen, entries }: Asked, now: number): number {
    const patience = this.#policy.patience(
      new BlockCandidate(address, entries, firstSeen, now, this.#memory, this.#source, this.#isKept),
    );
    this.#asked.set(address, { firstSeen, entries: entries + patience });
    return patience;
  }
}

class BlockCandidate implements Candidate {
  readonly address: number;
  readonly entries: number;
  readonly firstSeen: number;
  readonly now: number;
  readonly #memory: FlatMemory;
  readonly #source: InstructionSource;
  readonly #isKept: (address: number) => boolean;
  #decoded: BasicBlock | undefined;

  constructor(
    address: number,
    entries: number,
    firstSeen: number,
    now: number,
    memory: FlatMemory,
    source: InstructionSource,
    isKept: (address: number) => boolean,
  ) {
    this.address = address;
    this.entries = entries;
    this.firstSeen = firstSeen;
    this.now = now;
    this.#memory = memory;
    this.#source = source;
    this.#isKept = isKept;
  }

  get kept() {
    return this.#isKept(this.address);
  }

  get code() {
    return this.#memory.bytes.slice(this.address, this.#block.end);
  }

  get features() {
    return blockFeatures(this.#block.instructions.map(({ lifted }) => lifted.block));
  }

  get #block(): BasicBlock {
    return (this.#decoded ??= discoverRegion(this.address, this.#source, isTranslatable, oneBlock)[0] ?? {
      address: this.address,
      end: this.address,
      instructions: [],
    });
  }
}
