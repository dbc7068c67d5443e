import type { DivergenceReport } from '../../domain/virtual-machine/divergence.ts';
import { columns, grouped } from './tables.ts';

/** A divergence as a short paragraph: where, at which instruction, and every differing field. */
export function divergenceText(report: DivergenceReport): string {
  const lines = [`${report.summary}\n`];
  lines.push(
    `  equal at instruction ${grouped(report.agreedAt)}, different at ${grouped(report.differsAt)}\n`,
  );
  if (report.event) lines.push(`  event ${report.event.revision} (${report.event.type}) says otherwise\n`);
  if (report.instruction) {
    const { pc, bytes, text } = report.instruction;
    lines.push(`  first differing instruction: ${pc}: ${bytes}  ${text}\n`);
  }
  if (report.fields.length > 0)
    lines.push(
      columns([
        ['  field', report.expectedBy, report.foundBy],
        ...report.fields.map(({ field, expected, found }) => [`  ${field}`, expected, found]),
      ]),
    );
  return lines.join('');
}
