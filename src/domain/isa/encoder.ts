import { ok, refuse, type Result } from '../shared/result.ts';
import type { Row } from './instruction.ts';
import { type BitField, type Fields, matches, scatter } from './pattern.ts';

export interface Encoded {
  /** The encoding as an unsigned number. */
  readonly bits: number;
  /** In bytes. */
  readonly length: number;
}

/** Why a row cannot hold the given values. `field` is undefined where a combination of fields is excluded. */
export interface EncodingRefusal {
  readonly row: string;
  readonly field: string | undefined;
  readonly reason: string;
}

/** Encodes a row with field values as the decoder gives them; refuses, by name, any value it could not give. */
export function encode(row: Row, fields: Fields): Result<Encoded, EncodingRefusal> {
  let word = row.encoding.match;
  for (const field of row.encoding.fields) {
    const value = fields[field.name];
    const reason = value === undefined ? 'is missing' : faultOf(field, value);
    if (reason !== undefined) return refuse({ row: row.name, field: field.name, reason });
    word |= scatter(field, value! - field.bias);
  }
  word >>>= 0;
  if (!matches(row.encoding, word))
    return refuse({ row: row.name, field: undefined, reason: 'this combination means another instruction' });
  return ok({ bits: word, length: row.encoding.width / 8 });
}

/** What keeps `value` out of the field. */
function faultOf(field: BitField, value: number): string | undefined {
  const { lowest, highest } = rangeOf(field);
  const multiple = stepOf(field);
  if (!Number.isInteger(value)) return `${value} is not a whole number`;
  if (value < lowest || value > highest) return `${value} is not in ${lowest}…${highest}`;
  if ((value - field.bias) % multiple !== 0) return `${value} is not a multiple of ${multiple}`;
  const raw = value - field.bias;
  if (field.forbidden.includes(raw)) return `must not be ${value}`;
  return undefined;
}

/** The least and greatest value that the field's bits can say. */
export function rangeOf(field: BitField): { readonly lowest: number; readonly highest: number } {
  const step = stepOf(field);
  const top = 2 ** (field.signed ? field.width - 1 : field.width) - step + field.bias;
  return { lowest: field.signed ? -(2 ** (field.width - 1)) : field.bias, highest: top };
}

/** 2 to the power of the lowest bit held: values are multiples of it. */
export const stepOf = (field: BitField): number => 2 ** Math.min(...field.pieces.map((piece) => piece.field));

export const bytesOf = ({ bits, length }: Encoded): Uint8Array =>
  Uint8Array.from({ length }, (_, byte) => (bits >>> (8 * byte)) & 0xff);
