import { createHash } from 'node:crypto';
import type { InstructionSet } from '../../../../domain/isa/instruction-set.ts';
import type { FlatMemory } from '../../memory/flat-memory.ts';
import type { CodeRange } from '../code-map.ts';
import type { RegionBlock } from '../region/region-discovery.ts';
import type { KnownJump } from './target-samples.ts';

/** All that a region's code depends on, but for the guest's bytes in the ranges. */
export interface RegionOrigin {
  /** Instruction set, mode, and what of the memory goes into code. */
  readonly mode: string;
  /** What else goes in: the entry, how the blocks belong together, options. Nothing reads it but the hash. */
  readonly inputs: string;
  /** The guest code, in the order in which it was taken. */
  readonly ranges: readonly CodeRange[];
}

/** Which code regions are made with and for, as far as it is the same for all of a machine. */
export const codeModeOf = ({ name }: InstructionSet, { size, host, marks }: FlatMemory): string =>
  `${name} user ${size} ${host.guarded}${marks ? ' marking' : ''}`;

/** What is learned of code as it runs, and goes into what is made of it. */
export interface LearnedFacts {
  /** Addresses of the instructions that call their slow path. */
  readonly slow: readonly number[];
  /** The computed jumps. */
  readonly jumps: readonly KnownJump[];
}

export function originOf(
  mode: string,
  entry: number,
  blocks: readonly RegionBlock[],
  { slow, jumps }: LearnedFacts,
): RegionOrigin {
  const places = blocks.map(({ frame, address, end, calls, guesses = [] }) => {
    const ends = guesses.map((guess) => `${guess.frame.number}:${guess.address}`).join(',');
    return `${frame.number}:${address}-${end}:${calls?.number ?? ''}:${ends}`;
  });
  const sampled = jumps.map(({ address, number }) => `${address}:${number ?? ''}`);
  const ranges = blocks.map(({ address, end }) => ({ address, end }));
  return {
    mode,
    inputs: [entry, places.join(' '), slow.join(' '), sampled.join(' '), ''].join('\n'),
    ranges,
  };
}

/** SHA-256 of all that the region compiler's output depends on. `bytes`: the guest's memory. */
export function identityOf({ mode, inputs, ranges }: RegionOrigin, bytes: Uint8Array): string {
  const hash = createHash('sha256');
  hash.update(`${mode}\n${inputs}`);
  for (const { address, end } of ranges) hash.update(bytes.subarray(address, end));
  return hash.digest('hex');
}
