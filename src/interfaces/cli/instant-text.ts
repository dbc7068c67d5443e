import type { Instant, ThreadAtInstant } from '../../application/isochron.ts';
import { registerName } from '../register-names.ts';
import { columns } from './tables.ts';

/** All integer and control registers, and those floating-point registers that are not zero, four in a row. */
export function registerText(registers: ReadonlyMap<string, bigint>): string {
  const shown = [...registers].filter(([name, value]) => !/^f\d+$/.test(name) || value !== 0n);
  const cells = shown.map(
    ([name, value]) => `${registerName(name).padEnd(4)} ${value.toString(16).padStart(16, '0')}`,
  );
  const rows: string[][] = [];
  for (let index = 0; index < cells.length; index += 4) rows.push(cells.slice(index, index + 4));
  return columns(rows);
}

/** An instant as JSON: 64-bit values as `0x…`, memory as hexadecimal. */
export const instantJson = (
  instant: Instant,
  thread: ThreadAtInstant,
  ranges: readonly { readonly address: bigint; readonly bytes: Uint8Array }[],
) => ({
  recording: instant.recording,
  icount: instant.icount,
  engine: instant.engine,
  status: instant.status,
  digest: instant.digest,
  current: instant.current,
  threads: instant.threads,
  thread: thread.id,
  registers: thread.registers,
  disassembly: instant.disassemble({ thread: thread.id }),
  backtrace: instant.backtrace(thread.id),
  regions: instant.regions,
  memory: ranges.map(({ address, bytes }) => ({ address, bytes })),
});
