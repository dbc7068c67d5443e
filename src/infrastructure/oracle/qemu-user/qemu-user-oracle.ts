import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  type KnownDifference,
  type Oracle,
  type OracleCase,
  OracleFault,
  type OracleOutcome,
} from '../../../application/ports/oracle.ts';
import { blockOf } from '../../../application/verification/guest-case.ts';
import type { Slot } from '../../../domain/ir/types.ts';
import { noReservation, state } from '../../../domain/isa/riscv64/state.ts';

/**
 * qemu-riscv64 (user mode) as oracle for single instructions: the guest `instruction-runner` (test/guests) loads a
 * state, runs the instruction and stores the state; records and answers go through its standard streams.
 */
const recordSize = 784;
const codeAddress = 0x100000n;
const memorySize = 256;
/** The signal of a misaligned access: SIGBUS. */
const misaligned = 7;
const cpu = 'rv64,zba=true,zbb=true,zbs=true';
/** Zicond came with qemu 8.0. */
const zicondSince = 8;

export function qemuUserOracle(runner: string, command = 'qemu-riscv64'): Oracle {
  const version = versionOf(command);
  const lacksZicond = (version ?? 0) < zicondSince;
  return {
    name: `${command} ${version ?? ''}`.trim(),
    absent: absence(version, command, runner),
    codeAddress,
    memoryAddress: 0x40000800n,
    memorySize,
    jumpDistance: 8,
    reservedSlots: ['x4'],
    lacks: lacksZicond ? ['zicond'] : [],
    known,
    knownFor: 'qemu-riscv64 7',
    run(cases) {
      const input = Buffer.concat(cases.map(recordOf));
      const args = ['-cpu', lacksZicond ? cpu : `${cpu},x-zicond=true`, runner];
      const { stdout, status, signal, stderr, error } = spawnSync(command, args, {
        input,
        maxBuffer: input.length + recordSize,
      });
      if (status !== 0 || stdout.length !== input.length)
        throw new OracleFault(
          `${command} ended after ${Math.floor((stdout?.length ?? 0) / recordSize)} of ${cases.length} cases`,
          { status: status ?? String(signal), stderr: String(stderr).slice(0, 500) },
          error,
        );
      return cases.map((each, index) =>
        answerOf(stdout.subarray(index * recordSize, (index + 1) * recordSize), each),
      );
    },
  };
}

function absence(version: number | undefined, command: string, runner: string): string | undefined {
  if (version === undefined) return `${command} is not installed (Debian package qemu-user)`;
  return existsSync(runner) ? undefined : `the guest ${runner} is missing: install isochron again`;
}

function versionOf(command: string): number | undefined {
  const { stdout, status } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  const major = /version (\d+)/.exec(status === 0 ? stdout : '')?.[1];
  return major === undefined ? undefined : Number(major);
}

const { layout } = state;
/** Where a record has the registers x0 to x31, then f0 to f31, fcsr, and the memory window. */
const at = { x: 8, f: 264, fcsr: 520, memory: 528 } as const;

function recordOf({ code, cpu, memory }: OracleCase): Buffer {
  const record = Buffer.alloc(recordSize);
  record.set(code, 0);
  for (const { offset, n } of integers) record.set(cpu.subarray(offset, offset + 8), at.x + 8 * n);
  for (const { offset, n } of floats) record.set(cpu.subarray(offset, offset + 8), at.f + 8 * n);
  record[at.fcsr] = cpu[state.fflags.offset]! | (cpu[state.frm.offset]! << 5);
  record.set(memory, at.memory);
  return record;
}

function answerOf(record: Buffer, { cpu: asked }: OracleCase): OracleOutcome {
  const outcome = Number(record.readBigUInt64LE(0));
  const cpu = asked.slice();
  for (const { offset, n } of integers) cpu.set(record.subarray(at.x + 8 * n, at.x + 8 * n + 8), offset);
  for (const { offset, n } of floats) cpu.set(record.subarray(at.f + 8 * n, at.f + 8 * n + 8), offset);
  cpu[state.fflags.offset] = record[at.fcsr]! & 31;
  cpu[state.frm.offset] = record[at.fcsr]! >> 5;
  const memory = new Uint8Array(record.subarray(at.memory));
  if (outcome >= 256) return { kind: 'trapped', signal: outcome - 256, cpu, memory };
  return { kind: outcome === 1 ? 'jumped' : 'completed', cpu, memory };
}

const numbered = (slots: readonly Slot[]) =>
  slots.flatMap((slot, n) => (slot === undefined ? [] : [{ offset: slot.offset, n }]));
const integers = numbered(state.x);
const floats = numbered(state.f);

const example = (code: readonly number[], slots: Readonly<Record<string, bigint>>): OracleCase => ({
  code: Uint8Array.from(code),
  cpu: blockOf(layout, [...Object.entries(slots), ['pc', codeAddress], ['reservation', noReservation]]),
  memory: new Uint8Array(memorySize),
});

const known: readonly KnownDifference[] = [
  {
    row: /^sc\.[wd]$/,
    why: 'qemu does not look at the address of a store-conditional that fails; a misaligned one must raise an exception (unpriv 14.2)',
    example: example([0x2f, 0xa6, 0x75, 0x1c], { x11: 0x40000802n }), // sc.w.aq a2, t2, (a1)
    applies: (ours, theirs) => theirs.kind === 'completed' && ours.signal === misaligned,
  },
  {
    row: /^ctzw$/,
    why: 'qemu 7.2 counts on into the high word where the low word is zero; the manual gives 32 (unpriv 28.5 ctzw)',
    example: example([0x9b, 0x12, 0x13, 0x60], { x6: 1n << 63n }), // ctzw t0, t1
    applies: (ours, theirs) =>
      integers.every(({ offset }) => {
        const [own, other] = [ours, theirs].map(({ cpu }) =>
          new DataView(cpu.buffer, cpu.byteOffset).getBigUint64(offset, true),
        );
        return own === other || (own === 32n && other! > 32n);
      }),
  },
];
