import type { Digest, HashFunction } from '../shared/digest.ts';

/**
 * When digests and checkpoints fall due, and how digests chain. Law: pure functions of the instruction count,
 * never of how long anything took, so that every run of the same guest has the same ones.
 */

/** Instructions between digests. */
export const defaultDigestInterval = 2 ** 24;

/** The shortest distance between checkpoints, in instructions. */
export const defaultCheckpointInterval = 2 ** 26;

/** How many checkpoints fall between n and 2n instructions, once n is large: bounds both their number and a seek's length. */
const checkpointsPerOctave = 64;

/** The first digest point after `icount`. */
export const nextDigestPoint = (icount: number, interval: number): number =>
  (Math.floor(icount / interval) + 1) * interval;

/** The distance between checkpoints around `icount`: the shortest one, doubled until an octave holds at most 64. */
function checkpointDistance(icount: number, shortest: number): number {
  let distance = shortest;
  while (icount >= distance * checkpointsPerOctave * 2) distance *= 2;
  return distance;
}

/** Whether a checkpoint is taken at `icount` (a digest point). */
export const isCheckpointPoint = (icount: number, shortest: number): boolean =>
  icount > 0 && icount % checkpointDistance(icount, shortest) === 0;

/** The chain's link for a machine whose state digest is `digest` at `icount`; `previous` is undefined at the start. */
export const chainLink = (
  hash: HashFunction,
  previous: Digest | undefined,
  icount: number,
  digest: Digest,
): Digest => hash(`isochron chain 1\n${previous ?? 'start'}\n${icount.toString()}\n${digest}\n`);
