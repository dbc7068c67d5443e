import { bytesOf } from '../../../domain/isa/encoder.ts';
import type { InstructionTable } from '../../../domain/isa/instruction-table.ts';
import type { Row } from '../../../domain/isa/instruction.ts';
import type { CoverageCounter } from '../coverage-counter.ts';
import { EncodingAims } from './encoding-aims.ts';
import { anyRules, randomFields } from './instructions.ts';
import type { Random } from './random.ts';

/** Legal encodings of a row, led into its classes, and counted. */
export function drawEncodings(
  random: Random,
  isa: InstructionTable,
  row: Row,
  count: number,
  coverage: CoverageCounter,
): readonly Uint8Array[] {
  const aims = new EncodingAims(row);
  const all: Uint8Array[] = [];
  while (all.length < count) {
    const fields = randomFields(random, isa, row, anyRules, aims);
    const encoded = fields && isa.encode(row.name, fields);
    if (!encoded?.ok) break;
    aims.met(fields!);
    coverage.countEncoding({ row, fields: fields! });
    all.push(bytesOf(encoded.value));
  }
  return all;
}
