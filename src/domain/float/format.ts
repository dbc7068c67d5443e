import type { rounding } from '../ir/types.ts';

/** An IEEE 754 binary interchange format: total width, exponent bits, and stored fraction bits. */
export interface Format {
  readonly width: number;
  readonly exponentBits: number;
  readonly fractionBits: number;
}

export const formats = {
  f32: { width: 32, exponentBits: 8, fractionBits: 23 },
  f64: { width: 64, exponentBits: 11, fractionBits: 52 },
} as const satisfies Record<string, Format>;

export type RoundingMode = (typeof rounding)[keyof typeof rounding];

/** A result's bit pattern (or integer pattern, or 0/1 of a comparison) and the exceptions raised (`fpException` bits). */
export interface Rounded {
  readonly bits: bigint;
  readonly flags: number;
}
