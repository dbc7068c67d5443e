import type { InstructionSet } from '../../../../domain/isa/instruction-set.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { CodeRange } from '../code-map.ts';
import { isTranslatable } from '../region/translatable.ts';
import { RegionCompiler } from '../region/region-compiler.ts';
import { inlineCalls, type InliningLimits } from '../region/inlined-calls.ts';
import {
  discoverRegion,
  type DiscoveryLimits,
  endsComputed,
  type Frame,
} from '../region/region-discovery.ts';
import type { TranslatableSource } from '../translatable-source.ts';
import type { RegionFacts } from './kept-region.ts';
import type { KeptRegions } from './kept-regions.ts';
import type { KeptModule, ModuleStore } from './module-store.ts';
import { codeModeOf, identityOf, originOf } from './region-identity.ts';
import type { TargetSamples } from './target-samples.ts';

/** TurboFan's time grows faster than a function does: 9 ms for 50 blocks, 48 ms for 200. */
const limits: DiscoveryLimits = { instructions: 200, blocks: 24 };
const inlining: InliningLimits = {
  leaf: { instructions: 64, blocks: 12 },
  other: { instructions: 32, blocks: 12 },
  depth: 1,
  recursion: 4,
  region: { instructions: 300, blocks: 40 },
};

/** `known`: this process has made it before; `kept`: another process has. */
export type RegionSource = 'generated' | 'known' | 'kept';

export interface TranslatedRegion {
  readonly blocks: readonly CodeRange[];
  readonly instructions: number;
  readonly identity: string;
  readonly from: RegionSource;
  /** Whether V8 has optimised it already. */
  readonly optimised: boolean;
  readonly code: KeptModule;
  /** Notes that it runs here, so that it may outlive the process. */
  readonly note?: (run: CallableFunction) => void;
}

/** What regions are found in, and what is learned of them as they run. */
export interface RegionSources {
  readonly modules: ModuleStore;
  readonly kept: KeptRegions | undefined;
  readonly targets: TargetSamples;
}

/** Makes modules of regions, or finds the ones made of the same before. */
export class RegionTranslator {
  readonly #isa: InstructionSet;
  readonly #memory: FlatMemory;
  readonly #source: TranslatableSource;
  readonly #modules: ModuleStore;
  readonly #kept: KeptRegions | undefined;
  readonly #targets: TargetSamples;

  constructor(
    isa: InstructionSet,
    memory: FlatMemory,
    source: TranslatableSource,
    { modules, kept, targets }: RegionSources,
  ) {
    this.#isa = isa;
    this.#memory = memory;
    this.#source = source;
    this.#modules = modules;
    this.#kept = kept;
    this.#targets = targets;
  }

  /** Whether a region that begins at `address` is kept, in whatever mode. */
  isKept(address: number): boolean {
    return this.#source.undisturbed && this.#kept?.find(address, this.#memory) !== undefined;
  }

  /** The region that begins at `address`; undefined when its first instruction has no translation. */
  translate(address: number, slowByCall: ReadonlySet<number>): TranslatedRegion | undefined {
    return this.#restored(address, slowByCall) ?? this.#translated(address, slowByCall);
  }

  /** A kept region, unless more is known of its code here than where it was made, or stops concern the code. */
  #restored(address: number, slowByCall: ReadonlySet<number>): TranslatedRegion | undefined {
    if (!this.#kept || !this.#source.undisturbed) return undefined;
    const memory = this.#memory;
    const region = this.#kept.find(address, memory, codeModeOf(this.#isa, memory));
    if (!region) return undefined;
    const { facts, ranges, bytes, module, optimised } = region;
    for (const site of slowByCall)
      if (!facts.slow.includes(site) && ranges.some((range) => range.address <= site && site < range.end))
        return undefined;
    if (!this.#targets.adopt(facts.jumps)) return undefined;
    const note = (run: CallableFunction) =>
      this.#kept?.note(memory, run, { facts, bytes, module, restored: true });
    return {
      blocks: ranges,
      instructions: facts.instructions,
      identity: facts.identity,
      from: 'kept',
      optimised,
      code: { module, imports: facts.imports, size: bytes.length },
      ...(optimised ? {} : { note }),
    };
  }

  #translated(address: number, slowByCall: ReadonlySet<number>): TranslatedRegion | undefined {
    const guessed = (at: number) => this.#targets.guesses(at);
    const discover = (entry: number, within: DiscoveryLimits, frame?: Frame) =>
      discoverRegion(entry, this.#source, isTranslatable, within, frame, guessed);
    const blocks = inlineCalls(discover(address, limits), discover, inlining, guessed);
    if (blocks.length === 0) return undefined;
    const memory = this.#memory;
    const all = blocks.flatMap(({ instructions }) => instructions);
    const slow = all.map((instruction) => instruction.address).filter((at) => slowByCall.has(at));
    const jumps = blocks
      .filter(endsComputed)
      .map((block) => this.#targets.at(block.instructions.at(-1)!.address));
    const origin = originOf(codeModeOf(this.#isa, memory), address, blocks, { slow, jumps });
    const identity = identityOf(origin, memory.bytes);
    const region = { blocks, instructions: all.length, identity, optimised: false };
    const known = this.#modules.find(identity);
    if (known) return { ...region, from: 'known', code: known };
    const { pc } = this.#isa.layout;
    const sampled = (jump: number) => this.#targets.sampled(jump);
    const { bytes, imports } = new RegionCompiler(blocks, address, memory, pc, slowByCall, sampled).compile();
    const module = new WebAssembly.Module(bytes);
    const code = { module, imports, size: bytes.length };
    this.#modules.keep(identity, code);
    const made: TranslatedRegion = { ...region, from: 'generated', code };
    // What stops made shorter is of no use without them.
    if (!this.#kept || !this.#source.undisturbed) return made;
    const facts: RegionFacts = { address, identity, origin, instructions: all.length, slow, jumps, imports };
    const note = (run: CallableFunction) =>
      this.#kept?.note(memory, run, { facts, bytes, module, restored: false });
    return { ...made, note };
  }
}
