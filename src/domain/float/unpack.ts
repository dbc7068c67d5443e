import { maskOf } from '../shared/bits.ts';
import type { Format } from './format.ts';

/**
 * Bit patterns as numbers. Laws: a finite pattern is exactly ±significand × 2^exponent (a zero has significand 0,
 * and its sign); the layout is derived from the format, so every interchange format is covered.
 */
export type Unpacked =
  | {
      readonly kind: 'finite';
      readonly negative: boolean;
      readonly significand: bigint;
      readonly exponent: number;
    }
  | { readonly kind: 'infinity'; readonly negative: boolean }
  | { readonly kind: 'nan'; readonly signaling: boolean };

/** What follows from a format. */
export interface Layout {
  /** Significand bits, with the hidden one. */
  readonly precision: number;
  readonly fractionShift: bigint;
  readonly fractionMask: bigint;
  readonly hiddenBit: bigint;
  readonly quietBit: bigint;
  readonly signBit: bigint;
  /** The pattern of +∞; also the mask of the exponent field. */
  readonly infinity: bigint;
  /** The exponent of the least bit of a subnormal. */
  readonly leastExponent: number;
}

const layouts = new Map<Format, Layout>();

export function layoutOf(format: Format): Layout {
  return layouts.get(format) ?? derive(format);
}

function derive(format: Format): Layout {
  const { width, exponentBits, fractionBits } = format;
  const layout: Layout = {
    precision: fractionBits + 1,
    fractionShift: BigInt(fractionBits),
    fractionMask: maskOf(fractionBits),
    hiddenBit: 1n << BigInt(fractionBits),
    quietBit: 1n << BigInt(fractionBits - 1),
    signBit: 1n << BigInt(width - 1),
    infinity: maskOf(exponentBits) << BigInt(fractionBits),
    leastExponent: 2 - 2 ** (exponentBits - 1) - fractionBits,
  };
  layouts.set(format, layout);
  return layout;
}

/** Reads a bit pattern of `format`. */
export function unpack(format: Format, bits: bigint): Unpacked {
  const { fractionShift, fractionMask, hiddenBit, quietBit, signBit, infinity, leastExponent } =
    layoutOf(format);
  const negative = (bits & signBit) !== 0n;
  const fraction = bits & fractionMask;
  const field = bits & infinity;
  if (field === infinity) {
    if (fraction === 0n) return { kind: 'infinity', negative };
    return { kind: 'nan', signaling: (fraction & quietBit) === 0n };
  }
  if (field === 0n) return { kind: 'finite', negative, significand: fraction, exponent: leastExponent };
  const exponent = leastExponent + Number(field >> fractionShift) - 1;
  return { kind: 'finite', negative, significand: fraction | hiddenBit, exponent };
}
