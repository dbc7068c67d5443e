import { spawnSync } from 'node:child_process';
import type { Oracle, OracleCase, OracleOutcome } from '../../../application/ports/oracle.ts';
import { OracleFault } from '../../../application/ports/oracle.ts';

/**
 * qemu-riscv64 (user mode) as oracle for single instructions: the guest `instruction-runner` (test/guests) loads a
 * state, runs the instruction and stores the state; records and answers go through its standard streams.
 */
const recordSize = 784;
const cpu = 'rv64,zba=true,zbb=true,zbs=true';
/** Zicond came with qemu 8.0. */
const zicondSince = 8;

export function qemuUserOracle(runner: string, command = 'qemu-riscv64'): Oracle {
  const version = versionOf(command);
  const lacksZicond = (version ?? 0) < zicondSince;
  return {
    name: `${command} ${version ?? ''}`.trim(),
    absent: version === undefined ? `${command} is not installed (Debian package qemu-user)` : undefined,
    codeAddress: 0x100000n,
    memoryAddress: 0x40000800n,
    memorySize: 256,
    jumpDistance: 8,
    reservedSlots: ['x4'],
    lacks: lacksZicond ? ['zicond'] : [],
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
      return cases.map((_, index) => answerOf(stdout.subarray(index * recordSize, (index + 1) * recordSize)));
    },
  };
}

function versionOf(command: string): number | undefined {
  const { stdout, status } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  const major = /version (\d+)/.exec(status === 0 ? stdout : '')?.[1];
  return major === undefined ? undefined : Number(major);
}

const registers = Array.from({ length: 32 }, (_, n) => n);

function recordOf({ code, state, memory }: OracleCase): Buffer {
  const record = Buffer.alloc(recordSize);
  record.set(code, 0);
  for (const n of registers) {
    record.writeBigUInt64LE(state.get(`x${n}`) ?? 0n, 8 + 8 * n);
    record.writeBigUInt64LE(state.get(`f${n}`) ?? 0n, 264 + 8 * n);
  }
  record.writeBigUInt64LE((state.get('fflags') ?? 0n) | ((state.get('frm') ?? 0n) << 5n), 520);
  record.set(memory, 528);
  return record;
}

function answerOf(record: Buffer): OracleOutcome {
  const outcome = Number(record.readBigUInt64LE(0));
  const state = new Map<string, bigint>();
  for (const n of registers) {
    if (n > 0) state.set(`x${n}`, record.readBigUInt64LE(8 + 8 * n));
    state.set(`f${n}`, record.readBigUInt64LE(264 + 8 * n));
  }
  const fcsr = record.readBigUInt64LE(520);
  state.set('fflags', fcsr & 31n);
  state.set('frm', fcsr >> 5n);
  const memory = new Uint8Array(record.subarray(528));
  if (outcome >= 256) return { kind: 'trapped', signal: outcome - 256, state, memory };
  return { kind: outcome === 1 ? 'jumped' : 'completed', state, memory };
}
