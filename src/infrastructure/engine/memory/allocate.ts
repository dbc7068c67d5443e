import { EngineFault } from './engine-fault.ts';

export const wasmPage = 0x1_0000;

/** A WebAssembly memory of `size` bytes, a multiple of 64 KiB. Throws EngineFault. */
export function allocate(size: number, what: string): WebAssembly.Memory {
  const pages = size / wasmPage;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    throw new EngineFault(
      'memory-unavailable',
      `this host gives no ${size} bytes of ${what} memory; choose a smaller guest memory (--memory)`,
      { size },
      cause,
    );
  }
}
