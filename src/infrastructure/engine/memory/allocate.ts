import { EngineFault } from './engine-fault.ts';

export const wasmPage = 0x1_0000;

/** A WebAssembly memory of `size` bytes, a multiple of 64 KiB. Throws EngineFault. */
export function allocate(size: number, what: string): WebAssembly.Memory {
  return allocateGrowing(size / wasmPage, size / wasmPage, what);
}

/** One of `least` pages of 64 KiB, which may grow to `most`. Throws EngineFault. */
export function allocateGrowing(least: number, most: number, what: string): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: least, maximum: most });
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
