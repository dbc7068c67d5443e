import type { Digest, HashFunction } from '../shared/digest.ts';

/**
 * When digests and checkpoints fall due, and how digests chain. Law: pure functions of what the guest does (instructions
 * retired, pages changed), never of how long anything took, so that every run of the same guest has the same ones.
 */

/** The shortest distance between digests, in instructions. */
export const defaultDigestInterval = 2 ** 27;

/** The shortest distance between checkpoints, in instructions. */
export const defaultCheckpointInterval = 2 ** 27;

/** How many of either there are at most between n and 2n instructions, once n is large: what they cost in all grows as log n. */
const perOctave = 4;

/** How many changed pages one interval pays for: digesting a page, or storing it, takes as long as many instructions. */
const pagesPerInterval = 32;

/** The distance between points around `icount`: the shortest one, doubled until an octave holds no more than there may be. */
function distanceAt(icount: number, shortest: number): number {
  let distance = shortest;
  while (icount >= distance * perOctave * 2) distance *= 2;
  return distance;
}

/** The first point after `icount` where a digest may stand. */
export function nextDigestPoint(icount: number, interval: number): number {
  const distance = distanceAt(icount, interval);
  return (Math.floor(icount / distance) + 1) * distance;
}

/** Whether a digest may stand at `icount`. */
export const isDigestPoint = (icount: number, interval: number): boolean =>
  icount > 0 && icount % distanceAt(icount, interval) === 0;

/** Whether a checkpoint may be taken at `icount`, a digest point. */
export const isCheckpointPoint = (icount: number, shortest: number): boolean =>
  icount > 0 && icount % distanceAt(icount, shortest) === 0;

/**
 * Whether `executed` instructions since the last digest, or checkpoint, pay for one over `changedPages`, where the shortest distance
 * between such is `shortest`.
 */
export const paysForPages = (executed: number, changedPages: number, shortest: number): boolean =>
  executed * pagesPerInterval >= changedPages * shortest;

/** The chain's link for a machine whose state digest is `digest` at `icount`; `previous` is undefined at the start. */
export const chainLink = (
  hash: HashFunction,
  previous: Digest | undefined,
  icount: number,
  digest: Digest,
): Digest => hash(`isochron chain 1\n${previous ?? 'start'}\n${icount.toString()}\n${digest}\n`);
