import { setFlagsFromString } from 'node:v8';

/**
 * How often V8 has called a function when it has its best compiler optimise it: ten times its default. Most commands are short, and that
 * compiler takes up to an eighth of their processor time; the one before it makes code nearly as fast. Loops are optimised as ever.
 */
const calls = 30_000;

/**
 * Makes V8 patient. To be called when what Node brings has been loaded, for with other flags Node compiles it instead of taking it from its
 * snapshot; in a process of our own only, since the flags are the process's.
 */
export function optimiseLater(): void {
  setFlagsFromString(`--invocation-count-for-turbofan=${calls}`);
}
