import { writeFileSync } from 'node:fs';
import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';

const base = 0x10000n;
const headers = 64 + 56;

/**
 * Writes an executable made of an assembly source: one segment, readable, writable and executable, entered at its first
 * instruction. For guests that do one thing, which no bundled guest does.
 */
export function writeGuest(file: string, source: string): string {
  const assembled = assemble(source, { isa: riscv64, origin: base + BigInt(headers) });
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.error));
  const code = assembled.value.bytes;
  const image = new Uint8Array(headers + code.length);
  const view = new DataView(image.buffer);
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, 243, true); // EM_RISCV
  view.setUint32(20, 1, true);
  view.setBigUint64(24, base + BigInt(headers), true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true); // PT_LOAD
  view.setUint32(68, 7, true);
  view.setBigUint64(80, base, true);
  view.setBigUint64(88, base, true);
  view.setBigUint64(96, BigInt(image.length), true);
  view.setBigUint64(104, BigInt(image.length + 256), true);
  view.setBigUint64(112, 4096n, true);
  image.set(code, headers);
  writeFileSync(file, image, { mode: 0o755 });
  return file;
}

/** Copies standard input to standard output, 16 bytes at a time; exits with 0, or 1 on an error. */
export const copyingInput = `
again:  li a0, 0
        addi a1, sp, -64
        li a2, 16
        li a7, 63
        ecall
        beqz a0, done
        bltz a0, wrong
        mv a2, a0
        li a0, 1
        addi a1, sp, -64
        li a7, 64
        ecall
        j again
wrong:  li a0, 1
        j leave
done:   li a0, 0
leave:  li a7, 93
        ecall
`;

/** Reads two bytes of standard input and exits with the first. */
export const readingSome = `
        li s1, 2
        li a0, 0
        addi a1, sp, -64
        mv a2, s1
        li a7, 63
        ecall
        lbu a0, -64(sp)
        li a7, 93
        ecall
`;

/** Copies /data/story to standard output, s2 bytes at a time, s3 times at most. */
export const copyingStory = `
        li s2, 16
        li s3, 99
        li a0, -100
        la a1, path
        li a2, 0
        li a3, 0
        li a7, 56
        ecall
        mv s1, a0
again:  beqz s3, done
        addi s3, s3, -1
        mv a0, s1
        addi a1, sp, -256
        mv a2, s2
        li a7, 63
        ecall
        blez a0, done
        mv a2, a0
        li a0, 1
        addi a1, sp, -256
        li a7, 64
        ecall
        j again
done:   li a0, 0
        li a7, 93
        ecall
path:   .asciz "/data/story"
`;

/** Waits for a signal that nobody sends: ppoll(NULL, 0, NULL, NULL). */
export const waitingForever = `
        li a0, 0
        li a1, 0
        li a2, 0
        li a3, 0
        li a7, 73
        ecall
        li a7, 93
        ecall
`;

/** kill(getpid(), a signal), then exit(0). */
export const killedBy = (signal: number): string => `
        li a7, 172
        ecall
        li a1, ${signal}
        li a7, 129
        ecall
        li a0, 0
        li a7, 93
        ecall
`;
