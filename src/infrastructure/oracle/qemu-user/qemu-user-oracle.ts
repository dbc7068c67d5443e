import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  type Oracle,
  type OracleCase,
  OracleFault,
  type OracleOutcome,
} from '../../../application/ports/oracle.ts';
import type { Slot } from '../../../domain/ir/types.ts';
import { state } from '../../../domain/isa/riscv64/state.ts';
import { qemuKnownDifferences, type QemuVersion, triedVersions } from './known-differences.ts';

/**
 * qemu-riscv64 (user mode) as oracle for single instructions: the guest `instruction-runner` (test/guests) loads a
 * state, runs the instruction and stores the state; records and answers go through its standard streams.
 */
const recordSize = 784;
const codeAddress = 0x100000n;
const memoryAddress = 0x40000800n;
const memorySize = 256;
const baseCpu = 'rv64,zba=true,zbb=true,zbs=true';
const zicond = 'zicond=true';

export function qemuUserOracle(runner: string, command = 'qemu-riscv64'): Oracle {
  const version = versionOf(command);
  const absent = absence(version, command, runner);
  const hasZicond = absent === undefined && takes(command, `${baseCpu},${zicond}`, runner);
  const cpu = hasZicond ? `${baseCpu},${zicond}` : baseCpu;
  return {
    name: `${command} ${version?.join('.') ?? ''}`.trim(),
    absent,
    codeAddress,
    memoryAddress,
    memorySize,
    jumpDistance: 8,
    reservedSlots: ['x4'],
    lacks: hasZicond ? [] : ['zicond'],
    showsCalls: true,
    known: qemuKnownDifferences(version ?? [0, 0], codeAddress, memoryAddress, memorySize),
    knownFor: triedVersions.map((each) => `qemu-riscv64 ${each}`),
    run(cases) {
      const input = Buffer.concat(cases.map(recordOf));
      const { stdout, status, signal, stderr, error } = spawnSync(command, ['-cpu', cpu, runner], {
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

function absence(version: QemuVersion | undefined, command: string, runner: string): string | undefined {
  if (version === undefined) return `${command} is not installed (Debian package qemu-user)`;
  return existsSync(runner) ? undefined : `the guest ${runner} is missing: install isochron again`;
}

function versionOf(command: string): QemuVersion | undefined {
  const { stdout, status } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(status === 0 ? stdout : '') ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

/** Whether qemu knows such a processor: no case is run. Zicond has had this name since 8.1. */
const takes = (command: string, cpu: string, runner: string): boolean =>
  spawnSync(command, ['-cpu', cpu, runner], { input: '' }).status === 0;

/**
 * What a case that calls the environment puts into a7, the number of no system call; the environment answers in a0 that there
 * is none (ENOSYS). So a call is seen without doing anything.
 */
const environmentCall = Buffer.of(0x73, 0, 0, 0);
const call = {
  number: 0x7fff_ffffn,
  register: state.x[17]!,
  answer: 2n ** 64n - 38n,
  result: state.x[10]!,
} as const;

/** Where a record has the registers x0 to x31, then f0 to f31, fcsr, and the memory window. */
const at = { x: 8, f: 264, fcsr: 520, memory: 528 } as const;

function recordOf({ code, cpu, memory }: OracleCase): Buffer {
  const record = Buffer.alloc(recordSize);
  record.set(code, 0);
  for (const { offset, n } of integers) record.set(cpu.subarray(offset, offset + 8), at.x + 8 * n);
  for (const { offset, n } of floats) record.set(cpu.subarray(offset, offset + 8), at.f + 8 * n);
  if (environmentCall.equals(code)) record.writeBigUInt64LE(call.number, at.x + 8 * 17);
  record[at.fcsr] = cpu[state.fflags.offset]! | (cpu[state.frm.offset]! << 5);
  record.set(memory, at.memory);
  return record;
}

function answerOf(record: Buffer, { code, cpu: asked }: OracleCase): OracleOutcome {
  const outcome = Number(record.readBigUInt64LE(0));
  const cpu = asked.slice();
  for (const { offset, n } of integers) cpu.set(record.subarray(at.x + 8 * n, at.x + 8 * n + 8), offset);
  for (const { offset, n } of floats) cpu.set(record.subarray(at.f + 8 * n, at.f + 8 * n + 8), offset);
  cpu[state.fflags.offset] = record[at.fcsr]! & 31;
  cpu[state.frm.offset] = record[at.fcsr]! >> 5;
  const memory = new Uint8Array(record.subarray(at.memory));
  if (outcome >= 256) return { kind: 'trapped', signal: outcome - 256, cpu, memory };
  if (environmentCall.equals(code) && outcome === 0) return calledOutcome(cpu, asked, memory);
  return { kind: outcome === 1 ? 'jumped' : 'completed', cpu, memory };
}

/** The environment was called if it left its answer; then the registers of the call are as they were. */
function calledOutcome(cpu: Uint8Array, asked: Uint8Array, memory: Uint8Array): OracleOutcome {
  const view = new DataView(cpu.buffer);
  if (view.getBigUint64(call.result.offset, true) !== call.answer) return { kind: 'completed', cpu, memory };
  for (const { offset } of [call.result, call.register]) cpu.set(asked.subarray(offset, offset + 8), offset);
  return { kind: 'called', cpu, memory };
}

const numbered = (slots: readonly Slot[]) =>
  slots.flatMap((slot, n) => (slot === undefined ? [] : [{ offset: slot.offset, n }]));
const integers = numbered(state.x);
const floats = numbered(state.f);
