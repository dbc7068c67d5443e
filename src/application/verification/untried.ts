import type { Coverage } from '../../domain/campaign/coverage.ts';
import { rangeOf, stepOf } from '../../domain/isa/encoder.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import type { BitField } from '../../domain/isa/pattern.ts';
import { cornerOf } from './coverage-counter.ts';

/** The legal classes of encodings that are missing in a coverage: of each field, its corners and what lies between. */
export function untriedClasses(rows: readonly Row[], coverage: Coverage): readonly string[] {
  return rows.flatMap(({ name, encoding }) => {
    const tried = coverage[name] ?? {};
    const classes =
      encoding.fields.length === 0
        ? ['no field']
        : encoding.fields.flatMap((field) => legalCorners(field).map((corner) => `${field.name} ${corner}`));
    return classes.filter((kind) => tried[kind] === undefined).map((kind) => `${name} ${kind}`);
  });
}

function legalCorners(field: BitField): readonly string[] {
  const { lowest, highest } = rangeOf(field);
  const step = stepOf(field);
  const values = [lowest, highest, 0, lowest + step, highest - step];
  const legal = values.filter(
    (value) => value >= lowest && value <= highest && !field.forbidden.includes(value - field.bias),
  );
  return [...new Set(legal.map((value) => cornerOf(field, value)))];
}
