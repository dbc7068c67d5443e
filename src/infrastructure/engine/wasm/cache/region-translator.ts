import { createHash } from 'node:crypto';
import type { InstructionSet } from '../../../../domain/isa/instruction-set.ts';
import type { CodeSource } from '../../golden/instruction-source.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import { isTranslatable } from '../region/translatable.ts';
import { RegionCompiler } from '../region/region-compiler.ts';
import { inlineCalls, type InliningLimits } from '../region/inlined-calls.ts';
import {
  discoverRegion,
  type DiscoveryLimits,
  endsComputed,
  type Frame,
  type RegionBlock,
} from '../region/region-discovery.ts';
import type { TargetSamples } from './target-samples.ts';
import type { KeptModule, ModuleStore } from './module-store.ts';

/** TurboFan's time grows faster than a function does: 9 ms for 50 blocks, 48 ms for 200. */
const limits: DiscoveryLimits = { instructions: 200, blocks: 24 };
const inlining: InliningLimits = {
  leaf: { instructions: 64, blocks: 12 },
  other: { instructions: 32, blocks: 12 },
  depth: 1,
  recursion: 4,
  region: { instructions: 300, blocks: 40 },
};

export interface TranslatedRegion {
  readonly blocks: readonly RegionBlock[];
  readonly identity: string;
  /** Whether the code was known. */
  readonly found: boolean;
  readonly code: KeptModule;
}

/** Makes modules of regions, or finds the ones made of the same before. */
export class RegionTranslator {
  readonly #isa: InstructionSet;
  readonly #memory: FlatMemory;
  readonly #source: CodeSource;
  readonly #modules: ModuleStore;
  readonly #targets: TargetSamples;

  constructor(
    isa: InstructionSet,
    memory: FlatMemory,
    source: CodeSource,
    modules: ModuleStore,
    targets: TargetSamples,
  ) {
    this.#isa = isa;
    this.#memory = memory;
    this.#source = source;
    this.#modules = modules;
    this.#targets = targets;
  }

  /** The region that begins at `address`; undefined when its first instruction has no translation. */
  translate(address: number, slowByCall: ReadonlySet<number>): TranslatedRegion | undefined {
    const guessed = (at: number) => this.#targets.guesses(at);
    const discover = (entry: number, within: DiscoveryLimits, frame?: Frame) =>
      discoverRegion(entry, this.#source, isTranslatable, within, frame, guessed);
    const blocks = inlineCalls(discover(address, limits), discover, inlining, guessed);
    if (blocks.length === 0) return undefined;
    const identity = this.#identityOf(blocks, address, slowByCall);
    const known = this.#modules.find(identity);
    if (known) return { blocks, identity, found: true, code: known };
    const { bytes, imports } = new RegionCompiler(
      blocks,
      address,
      this.#memory,
      this.#isa.layout.pc,
      slowByCall,
      (jump) => this.#targets.sampled(jump),
    ).compile();
    const code = { module: new WebAssembly.Module(bytes), imports, size: bytes.length };
    this.#modules.keep(identity, code);
    return { blocks, identity, found: false, code };
  }

  /** SHA-256 of all that the region compiler's output depends on: instruction set, mode, options, places, and code. */
  #identityOf(blocks: readonly RegionBlock[], entry: number, slowByCall: ReadonlySet<number>): string {
    const { bytes, size, host, marks } = this.#memory;
    const slow: number[] = [];
    for (const { instructions } of blocks)
      for (const { address } of instructions) if (slowByCall.has(address)) slow.push(address);
    const places = blocks
      .map((block) => {
        const { frame, address, end, calls, guesses = [] } = block;
        const ends = guesses.map((guess) => `${guess.frame.number}:${guess.address}`).join(',');
        const sampled = endsComputed(block) ? this.#targets.sampled(block.instructions.at(-1)!.address) : '';
        return `${frame.number}:${address}-${end}:${calls?.number ?? ''}:${ends}:${sampled ?? ''}`;
      })
      .join(' ');
    const hash = createHash('sha256');
    hash.update(
      `${this.#isa.name} user ${size} ${host.guarded}${marks ? ' marking' : ''}\n${entry}\n${places}\n${slow.join(' ')}\n`,
    );
    for (const { address, end } of blocks) hash.update(bytes.subarray(address, end));
    return hash.digest('hex');
  }
}
