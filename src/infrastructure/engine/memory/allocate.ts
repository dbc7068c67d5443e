import { EngineFault } from './engine-fault.ts';

export const wasmPage = 0x1_0000;

/** A WebAssembly memory of `size` bytes, a multiple of 64 KiB. Throws EngineFault. */
export function allocate(size: number, what: string): WebAssembly.Memory {
  return allocateGrowing(size / wasmPage, size / wasmPage, what);
}

/**
 * One of `least` pages of 64 KiB, which may grow to `most`. Throws EngineFault. It is shared, although no thread shares it: V8 counts
 * all of another one as its heap's, of which little is ever used, and collects garbage for that.
 */
export function allocateGrowing(least: number, most: number, what: string): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: least, maximum: most, shared: true });
  } catch (cause) {
    const size = least * wasmPage;
    throw new EngineFault(
      'memory-unavailable',
      `this host gives no ${size} bytes of ${what} memory; choose a smaller guest memory (--memory)`,
      { size },
      cause,
    );
  }
}
