import { setFlagsFromString } from 'node:v8';

/**
 * V8's optimising compilers in a process of our own, whose flags these are. Most commands are short, and these compilers take a tenth of the
 * processor time of a program of two million instructions without its gaining anything from them. So they wait until a program turns out to
 * be long: a region of its code is to be translated, or some time has passed. Until then there is V8's simplest compiler.
 */
const waitMs = 250;
/**
 * How often V8 has called a function when it has its best compiler optimise it: ten times its default. The compiler before it makes code
 * nearly as fast, in a fraction of the time. Loops are optimised as ever.
 */
const calls = 30_000;
/**
 * By what V8 multiplies the room for new objects when enough of them were kept: it stays as large as it has become. V8 would let it grow to
 * 128 MiB, all of which gets used for nothing but garbage; it took no less processor time (Node 24.21: esbuild, the benchmark's programs,
 * `verify`, `index`, a recording of a GiB).
 */
const growth = 1;

let optimising = false;

/**
 * Makes V8 wait. To be called when what Node brings has been loaded, for with other flags Node compiles it instead of taking it from its
 * snapshot.
 */
export function hesitate(): void {
  if (optimising) return;
  setFlagsFromString('--no-maglev');
  setFlagsFromString('--no-opt');
  setTimeout(optimise, waitMs).unref();
}

/**
 * Has V8 optimise from now on, and no longer take more memory for garbage. What V8 keeps of translated code it takes back under the same
 * flags only: they are always these.
 */
export function optimise(): void {
  if (optimising) return;
  optimising = true;
  setFlagsFromString('--maglev');
  setFlagsFromString('--opt');
  setFlagsFromString(`--invocation-count-for-turbofan=${calls}`);
  setFlagsFromString(`--semi-space-growth-factor=${growth}`);
}
