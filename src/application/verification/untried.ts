import type { Coverage } from '../../domain/campaign/coverage.ts';
import type { Row } from '../../domain/isa/instruction.ts';
import { type EncodingClass, encodingClasses } from '../../domain/isa/riscv64/encoding-classes.ts';

/** The legal classes of encodings that are missing in a coverage: those that further cases reach, and those that none can. */
export interface MissingClasses {
  readonly untried: readonly string[];
  readonly unreachable: readonly string[];
}

export function missingClasses(
  rows: readonly Row[],
  coverage: Coverage,
  reaches: (row: Row, each: EncodingClass) => boolean,
): MissingClasses {
  const missing = rows.flatMap((row) => {
    const tried = coverage[row.name] ?? {};
    return encodingClasses(row)
      .filter(({ name }) => tried[name] === undefined)
      .map((each) => ({ name: `${row.name} ${each.name}`, reachable: reaches(row, each) }));
  });
  const { untried = [], unreachable = [] } = Object.groupBy(missing, ({ reachable }) =>
    reachable ? 'untried' : 'unreachable',
  );
  return {
    untried: untried.map(({ name }) => name),
    unreachable: unreachable.map(({ name }) => name),
  };
}
