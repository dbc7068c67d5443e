import { hash } from 'node:crypto';
import type { CodeRange } from '../code-map.ts';
import { machineCode } from './machine-code.ts';
import { identityOf, type LearnedFacts, type RegionOrigin } from './region-identity.ts';

/** What is known of a kept region beside its code. */
export interface RegionFacts extends LearnedFacts {
  readonly address: number;
  /** See `identityOf`. */
  readonly identity: string;
  readonly origin: RegionOrigin;
  readonly instructions: number;
  /** The functions that the module imports. */
  readonly imports: readonly string[];
}

export interface RegionCode {
  /** The module. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** V8's machine code of it, where V8 has optimised it. */
  readonly machine: Uint8Array<ArrayBuffer> | undefined;
}

interface Header extends RegionFacts {
  readonly size: number;
}

const digestLength = 64;

/**
 * A region as the bytes of a file: the SHA-256 of the rest, a line of JSON, the module, and its machine code. V8 trusts machine code, so
 * nothing is taken from bytes that are not exactly what was written.
 */
export function encodeRegion(facts: RegionFacts, { bytes, machine }: RegionCode): Uint8Array {
  const header: Header = { ...facts, size: bytes.length };
  const rest = Buffer.concat([
    Buffer.from(`${JSON.stringify(header)}\n`),
    bytes,
    machine ?? new Uint8Array(),
  ]);
  return Buffer.concat([Buffer.from(hash('sha256', rest), 'latin1'), rest]);
}

/** The region that was encoded; undefined where the bytes are not whole. */
export function decodeRegion(file: Buffer): KeptRegion | undefined {
  const end = file.indexOf('\n', digestLength);
  if (end < 0 || hash('sha256', file.subarray(digestLength)) !== file.toString('latin1', 0, digestLength))
    return undefined;
  const { size, ...facts } = JSON.parse(file.toString('utf8', digestLength, end)) as Header;
  const moduleAt = end + 1;
  const machineAt = moduleAt + size;
  return new KeptRegion(facts, {
    bytes: Uint8Array.from(file.subarray(moduleAt, machineAt)),
    machine: machineAt < file.length ? Uint8Array.from(file.subarray(machineAt)) : undefined,
  });
}

/** A region that an earlier process translated. */
export class KeptRegion {
  readonly facts: RegionFacts;
  readonly #code: RegionCode;
  #module: WebAssembly.Module | undefined;
  #optimised = false;

  constructor(facts: RegionFacts, code: RegionCode) {
    this.facts = facts;
    this.#code = code;
  }

  get ranges(): readonly CodeRange[] {
    return this.facts.origin.ranges;
  }

  /** Whether the module begins with V8's optimised code; known when it has been made. */
  get optimised(): boolean {
    return this.#optimised;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#code.bytes;
  }

  /** Whether it was made from these bytes; all of the ranges can be read. */
  isOf(bytes: Uint8Array): boolean {
    return identityOf(this.facts.origin, bytes) === this.facts.identity;
  }

  /** The module; where V8 takes no machine code back, or there is none, it is compiled. */
  get module(): WebAssembly.Module {
    if (this.#module) return this.#module;
    const { bytes, machine } = this.#code;
    const restored = machine && machineCode()?.module(machine, bytes);
    this.#optimised = restored !== undefined;
    return (this.#module = restored ?? new WebAssembly.Module(bytes));
  }
}
