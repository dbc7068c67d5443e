import { hash } from 'node:crypto';
import { pageSize } from '../../../../application/ports/guest-memory.ts';
import { pageBit } from '../../memory/control-memory.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import { decodeRegion, encodeRegion, type KeptRegion, type RegionFacts } from './kept-region.ts';
import { machineCode } from './machine-code.ts';
import type { RegionFiles } from './region-files.ts';

/** A region that runs here. */
interface Noted {
  readonly facts: RegionFacts;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly module: WebAssembly.Module;
  /** Of one machine, which need not live on for this. */
  readonly run: WeakRef<CallableFunction>;
  /** Whether there is a file of it, without machine code. */
  readonly restored: boolean;
}

/** More of one process are not kept. */
const mostNoted = 512;
const fileName = /^([0-9a-f]+)-([0-9a-f]{16})-([0-9a-f]{8})$/;
/** Bytes of code at an entry that go into the name of its region's file. */
const tagged = 64;
const executable = pageBit.execute | pageBit.mapped;

/**
 * Regions that outlive the process. Law: one is only given for a memory where every byte that it was made from is the same and can be
 * executed. They are found by their entry and the first bytes there, and say nothing of a program.
 */
export class KeptRegions {
  readonly #files: RegionFiles;
  #byEntry: ReadonlyMap<number, readonly string[]> | undefined;
  readonly #read = new Map<string, KeptRegion | undefined>();
  readonly #noted = new Map<string, Noted>();

  constructor(files: RegionFiles) {
    this.#files = files;
  }

  /** The region that begins at `address`, in that mode if one is given. */
  find(address: number, memory: FlatMemory, mode?: string): KeptRegion | undefined {
    const names = (this.#byEntry ??= this.#list()).get(address);
    if (names === undefined || !isExecutable(memory, address, address + 1)) return undefined;
    const wanted = { tag: tagOf(memory, address), mode: mode === undefined ? undefined : markOf(mode) };
    for (const name of names) {
      const [, , tag, itsMode] = fileName.exec(name)!;
      if (tag !== wanted.tag || (wanted.mode ?? itsMode) !== itsMode) continue;
      const region = this.#regionIn(name);
      if (region && isOf(region, memory, mode ?? region.facts.origin.mode)) return region;
    }
    return undefined;
  }

  /** Notes a region to be kept; `restored`: it has a file, but no machine code there. */
  note(memory: FlatMemory, run: CallableFunction, made: Omit<Noted, 'run'>): void {
    const name = nameOf(made.facts, memory);
    if (this.#noted.size >= mostNoted && !this.#noted.has(name)) return;
    this.#noted.set(name, { ...made, run: new WeakRef(run) });
  }

  /** Has V8 optimise all that is to be kept, where it gives machine code. */
  optimise(): void {
    const code = machineCode();
    for (const { run } of this.#noted.values()) {
      const function_ = run.deref();
      if (function_) code?.optimise(function_);
    }
  }

  /** Writes what is new, with the machine code that V8 has made so far: what is hottest first. */
  save(): void {
    const [optimised, others]: [string, Uint8Array][][] = [[], []];
    for (const [name, { facts, bytes, module, run, restored }] of this.#noted) {
      const function_ = run.deref();
      const machine = function_ && machineCode()?.take(module, function_);
      if (machine) optimised!.push([name, encodeRegion(facts, { bytes, machine })]);
      else if (!restored) others!.push([name, encodeRegion(facts, { bytes, machine })]);
    }
    this.#noted.clear();
    this.#files.write([...optimised!, ...others!]);
  }

  #list(): ReadonlyMap<number, readonly string[]> {
    const byEntry = new Map<number, string[]>();
    for (const name of this.#files.names()) {
      const entry = fileName.exec(name)?.[1];
      if (entry === undefined) continue;
      const address = parseInt(entry, 16);
      const known = byEntry.get(address);
      if (known) known.push(name);
      else byEntry.set(address, [name]);
    }
    return byEntry;
  }

  #regionIn(name: string): KeptRegion | undefined {
    if (this.#read.has(name)) return this.#read.get(name);
    const file = this.#files.read(name);
    const region = file && decodeRegion(file);
    this.#read.set(name, region);
    return region;
  }
}

/** A region takes the place of the one that was made before of code that begins alike. */
const nameOf = ({ address, origin }: RegionFacts, memory: FlatMemory): string =>
  `${address.toString(16)}-${tagOf(memory, address)}-${markOf(origin.mode)}`;

const markOf = (mode: string): string => hash('sha256', mode).slice(0, 8);

function tagOf({ bytes }: FlatMemory, address: number): string {
  const pageEnd = (Math.floor(address / pageSize) + 1) * pageSize;
  return hash('sha256', bytes.subarray(address, Math.min(address + tagged, pageEnd))).slice(0, 16);
}

const isOf = (region: KeptRegion, memory: FlatMemory, mode: string): boolean =>
  region.facts.origin.mode === mode &&
  region.ranges.every(({ address, end }) => isExecutable(memory, address, end)) &&
  region.isOf(memory.bytes);

/** Whether `[start, end)` can be executed, which a guarded memory lets the host read. */
function isExecutable({ flags, size }: FlatMemory, start: number, end: number): boolean {
  if (!(start >= 0 && start < end && end <= size)) return false;
  for (let page = Math.floor(start / pageSize); page * pageSize < end; page++)
    if ((flags[page]! & executable) !== executable) return false;
  return true;
}
