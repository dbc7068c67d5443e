import { assembleOrFail } from './guest-code.ts';

const origin = 0x10000n;
const headerSize = 64;
const programHeaderSize = 56;

/** A loop, a multiplication, a load and a store, then exit(result). */
const source = `
_start: li a0, 0
        li t0, 6
again:  add a0, a0, t0
        addi t0, t0, -1
        bnez t0, again
        li t1, 2
        mul a0, a0, t1
        addi sp, sp, -16
        sd a0, 8(sp)
        ld a0, 8(sp)
        li a7, 94
        ecall
`;

/** A complete ELF program of a few instructions, made here, and the code that it exits with: 2 × (6+5+4+3+2+1). */
export function tinyProgram(): { readonly image: Uint8Array; readonly exitCode: number } {
  const start = headerSize + programHeaderSize;
  const { bytes: code } = assembleOrFail(source, origin + BigInt(start), 'check');
  const image = new Uint8Array(start + code.length);
  const view = new DataView(image.buffer);
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, 243, true); // EM_RISCV
  view.setUint32(20, 1, true);
  view.setBigUint64(24, origin + BigInt(start), true);
  view.setBigUint64(32, BigInt(headerSize), true);
  view.setUint16(52, headerSize, true);
  view.setUint16(54, programHeaderSize, true);
  view.setUint16(56, 1, true);
  view.setUint32(headerSize, 1, true); // PT_LOAD
  view.setUint32(headerSize + 4, 5, true); // read, execute
  view.setBigUint64(headerSize + 16, origin, true);
  view.setBigUint64(headerSize + 32, BigInt(image.length), true);
  view.setBigUint64(headerSize + 40, BigInt(image.length), true);
  view.setBigUint64(headerSize + 48, 4096n, true);
  image.set(code, start);
  return { image, exitCode: 42 };
}
