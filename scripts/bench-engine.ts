/**
 * Guest instructions a second on the engines, and on qemu-riscv64 where it is installed, for the same code in the
 * same run: `npm run bench:engine [-- kernel…]`. Times are the best of three; qemu's includes its start (10 ms).
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionEngine } from '../src/application/ports/execution-engine.ts';
import { assemble } from '../src/domain/isa/assembler.ts';
import { riscv64 } from '../src/domain/isa/riscv64/riscv64.ts';
import { state } from '../src/domain/isa/riscv64/state.ts';
import { goldenEngine } from '../src/infrastructure/engine/golden/golden-engine.ts';
import { wasmEngine } from '../src/infrastructure/engine/wasm/wasm-engine.ts';

const code = 0x1_0000;
const data = 0x10_0000;
const dataSize = 0x10_0000;
const exit = 'li a0, 0\nli a7, 93\necall';

/** Each begins with its repetitions in s11. */
const kernels: Readonly<Record<string, { source: string; repetitions: number }>> = {
  'integer loop': {
    repetitions: 100_000_000,
    source:
      'loop: addi a0, a0, 1\nxor a2, a2, a0\nslli a3, a2, 3\nadd a2, a2, a3\naddi s11, s11, -1\nbnez s11, loop',
  },
  sieve: {
    repetitions: 60,
    source: `again: li s0, ${data}
      li t0, 1000000
      mv t1, s0
      clear: sd zero, 0(t1)
      addi t1, t1, 8
      addi t0, t0, -8
      bgtz t0, clear
      li t0, 2
      outer: add t1, s0, t0
      lbu t2, 0(t1)
      bnez t2, next
      li t4, 1
      add t3, t0, t0
      li t5, 1000000
      inner: bge t3, t5, next
      add t1, s0, t3
      sb t4, 0(t1)
      add t3, t3, t0
      j inner
      next: addi t0, t0, 1
      li t5, 1000
      blt t0, t5, outer
      addi s11, s11, -1
      bnez s11, again`,
  },
  'recursive calls': {
    repetitions: 10,
    source: `li sp, ${data + dataSize}
      again: li a0, 27
      call fib
      addi s11, s11, -1
      bnez s11, again
      j done
      fib: li t0, 2
      blt a0, t0, small
      addi sp, sp, -32
      sd ra, 0(sp)
      sd s0, 8(sp)
      sd s1, 16(sp)
      mv s0, a0
      addi a0, a0, -1
      call fib
      mv s1, a0
      addi a0, s0, -2
      call fib
      add a0, a0, s1
      ld ra, 0(sp)
      ld s0, 8(sp)
      ld s1, 16(sp)
      addi sp, sp, 32
      small: ret
      done: nop`,
  },
  doubles: {
    repetitions: 10_000_000,
    source: `li t0, 3
      fcvt.d.l fa0, t0
      li t0, 7
      fcvt.d.l fa1, t0
      fdiv.d fa2, fa0, fa1
      loop: fmul.d fa3, fa2, fa2
      fadd.d fa4, fa3, fa1
      fmadd.d fa5, fa3, fa4, fa2
      fsub.d fa6, fa5, fa4
      fdiv.d fa7, fa6, fa5
      fadd.d fa2, fa2, fa7
      fdiv.d fa2, fa2, fa1
      addi s11, s11, -1
      bnez s11, loop`,
  },
};

function assembled(source: string, repetitions: number): Uint8Array {
  const result = assemble(`li s11, ${repetitions}\n${source}\n${exit}`, {
    isa: riscv64,
    origin: BigInt(code),
  });
  if (!result.ok)
    throw new Error(result.error.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
  return result.value.bytes;
}

function measure(engine: ExecutionEngine, bytes: Uint8Array): { instructions: number; seconds: number } {
  const machine = engine.createMachine({ isa: riscv64, memorySize: 1 << 22, counters: { timeAt: () => 0n } });
  machine.memory.map(code, 0x1000, 5);
  machine.memory.map(data, dataSize, 3);
  machine.memory.write(code, bytes, 0);
  new DataView(machine.cpu.buffer, machine.cpu.byteOffset).setBigUint64(state.pc.offset, BigInt(code), true);
  const started = performance.now();
  const stop = machine.run(Number.MAX_SAFE_INTEGER);
  if (stop.reason !== 'syscall')
    throw new Error(`${engine.name} stopped: ${JSON.stringify(stop, (_, v: unknown) => String(v))}`);
  return { instructions: machine.icount, seconds: (performance.now() - started) / 1000 };
}

/** A static ELF file of the code, with a writable segment for the data. */
function elfOf(bytes: Uint8Array): Uint8Array {
  const file = new Uint8Array(0x1000 + bytes.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 243, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(code), true);
  view.setBigUint64(32, 64n, true);
  view.setUint32(48, 4, true); // double-float ABI
  for (const [at, value] of [
    [52, 64],
    [54, 56],
    [56, 2],
  ] as const)
    view.setUint16(at, value, true);
  const segment = (
    at: number,
    flags: number,
    offset: number,
    address: number,
    size: number,
    memory: number,
  ) => {
    view.setUint32(at, 1, true);
    view.setUint32(at + 4, flags, true);
    [offset, address, address, size, memory, 0x1000].forEach((value, index) =>
      view.setBigUint64(at + 8 + 8 * index, BigInt(value), true),
    );
  };
  segment(64, 5, 0x1000, code, bytes.length, bytes.length);
  segment(120, 6, 0, data, 0, dataSize);
  file.set(bytes, 0x1000);
  return file;
}

function measureQemu(bytes: Uint8Array): number | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'isochron-bench-'));
  try {
    const program = join(folder, 'kernel');
    writeFileSync(program, elfOf(bytes));
    chmodSync(program, 0o755);
    const started = performance.now();
    const { error, status } = spawnSync('qemu-riscv64', [program]);
    if (error) return undefined;
    if (status !== 0) throw new Error(`qemu-riscv64 ended with ${status}`);
    return (performance.now() - started) / 1000;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const best = <T>(measureOnce: () => T, key: (value: T) => number): T =>
  [measureOnce(), measureOnce(), measureOnce()].sort((a, b) => key(a) - key(b))[0]!;
const mips = (instructions: number, seconds: number) =>
  (instructions / seconds / 1e6).toFixed(seconds > 1 ? 1 : 2);

const wanted = process.argv.slice(2);
console.log('kernel            golden MIPS   wasm MIPS   qemu MIPS   wasm / qemu');
for (const [name, { source, repetitions }] of Object.entries(kernels)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const bytes = assembled(source, repetitions);
  const wasm = best(
    () => measure(wasmEngine, bytes),
    ({ seconds }) => seconds,
  );
  // The golden engine is a thousand times slower: as much of the kernel as takes about a second.
  const machine = { run: 300_000 };
  const golden = measurePart(bytes, machine.run);
  const qemu = best(
    () => measureQemu(bytes),
    (seconds) => seconds ?? 0,
  );
  const columns = [
    mips(machine.run, golden).padStart(11),
    mips(wasm.instructions, wasm.seconds).padStart(11),
    (qemu === undefined ? 'absent' : mips(wasm.instructions, qemu)).padStart(11),
    (qemu === undefined ? '-' : (qemu / wasm.seconds).toFixed(2)).padStart(13),
  ];
  console.log(name.padEnd(18) + columns.join(' '));
}

/** Seconds that the golden engine takes for the first instructions. */
function measurePart(bytes: Uint8Array, instructions: number): number {
  const machine = goldenEngine.createMachine({
    isa: riscv64,
    memorySize: 1 << 22,
    counters: { timeAt: () => 0n },
  });
  machine.memory.map(code, 0x1000, 5);
  machine.memory.map(data, dataSize, 3);
  machine.memory.write(code, bytes, 0);
  new DataView(machine.cpu.buffer, machine.cpu.byteOffset).setBigUint64(state.pc.offset, BigInt(code), true);
  const started = performance.now();
  machine.run(instructions);
  return (performance.now() - started) / 1000;
}
