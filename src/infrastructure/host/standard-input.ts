import { readSync } from 'node:fs';
import type { StandardInput } from '../../application/ports/host-factory.ts';
import { codeOf } from './host-refusal.ts';

const largestRead = 65536;
const pause = 5;

/** Reads up to `length` bytes, waiting for some; none at the end of input. */
export function standardInput(from: StandardInput): (length: number) => Uint8Array {
  if (from === 'closed') return () => new Uint8Array();
  if (from === 'inherit') return readOwn;
  let at = 0;
  return (length) => {
    const bytes = from.slice(at, at + length);
    at += bytes.length;
    return bytes;
  };
}

/** Descriptor 0 of this process. Where it is non-blocking (a terminal that Node has set up), it is asked again. */
function readOwn(length: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(length, largestRead));
  for (;;) {
    try {
      return bytes.slice(0, readSync(0, bytes, 0, bytes.length, null));
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EOF') return new Uint8Array();
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
}
