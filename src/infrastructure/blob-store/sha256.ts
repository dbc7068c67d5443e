import { hash } from 'node:crypto';
import type { Digest } from '../../domain/shared/digest.ts';

/** The name of a blob: SHA-256 of its bytes. */
export const sha256 = (content: Uint8Array): Digest => hash('sha256', content, 'hex') as Digest;

/** The longest blob a store takes, bytes. */
export const longestBlob = 1 << 29;

export const checkBlobLength = (content: Uint8Array): void => {
  if (content.length > longestBlob) {
    throw new RangeError(
      `a blob of ${String(content.length)} bytes is longer than ${String(longestBlob)}: store it in parts`,
    );
  }
};
