/** The bytes of a program: in memory, or in a file of which is read what is asked for. */
export interface ProgramImage {
  readonly length: number;
  /** The bytes of `[start, end)`, both within the length; to be used before the next call. */
  subarray(start: number, end: number): Uint8Array;
}

/** Bytes that are read at once where many are; more take memory of their own. */
export const imagePiece = 1 << 18;

/** All bytes, to keep. */
export function wholeOf(image: ProgramImage): Uint8Array {
  if (image instanceof Uint8Array) return image;
  const bytes = new Uint8Array(image.length);
  for (let at = 0; at < bytes.length; at += imagePiece)
    bytes.set(image.subarray(at, Math.min(at + imagePiece, bytes.length)), at);
  return bytes;
}
