import type koffiLibrary from 'koffi';
import { createRequire } from 'node:module';

/** What of koffi calls functions of a native library. */
export type NativeCalls = Pick<typeof koffiLibrary, 'load'>;

let loaded: NativeCalls | undefined;

/**
 * koffi, without what it wraps around its native part where that is installed as a package of its own, as it is for common hosts: that takes a
 * third of the time and of the page faults (Node 24.21: 10 ms and 290 in place of 30 ms and 640). Throws Error when there is neither.
 */
export function nativeCalls(): NativeCalls {
  if (loaded) return loaded;
  const near = createRequire(createRequire(import.meta.url).resolve('koffi'));
  try {
    loaded = near(`@koromix/koffi-${process.platform}-${process.arch}`) as NativeCalls;
  } catch {
    loaded = near('koffi') as NativeCalls;
  }
  return loaded;
}
