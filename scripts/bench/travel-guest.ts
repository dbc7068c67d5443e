import { assemble } from '../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';

const base = 0x10000n;
const headers = 64 + 56;
const dataSize = 4 << 20;

/**
 * A guest of 10^9 instructions: a loop that loads, computes and stores over 2 MiB, asks for the time now and then, and once,
 * in the middle, calls a function that writes a variable.
 */
const source = `
        li s0, 83886
        li s5, 41943
        la s1, data
        la s6, rare
round:  mv s2, s1
        li s3, 1324
inner:  ld t0, 0(s2)
        add t1, t1, t0
        xor t2, t1, s0
        slli t3, t2, 3
        add t1, t1, t3
        sd t1, 0(s2)
        addi s2, s2, 8
        addi s3, s3, -1
        bnez s3, inner
        li t4, 10592
        add s1, s1, t4
        andi t5, s0, 127
        bnez t5, same
        la s1, data
        li a0, 1
        addi a1, sp, -32
        li a7, 113
        ecall
same:   bne s0, s5, next
        call rarely
next:   addi s0, s0, -1
        bnez s0, round
        li a0, 0
        li a7, 93
        ecall
rarely: sd s0, 0(s6)
        ret
        .balign 8
rare:   .dword 0
data:
`;

export interface TravelGuest {
  readonly program: Uint8Array;
  /** The variable that is written once, and the instruction that writes it. */
  readonly rare: bigint;
  readonly rarely: bigint;
}

export function travelGuest(): TravelGuest {
  const assembled = assemble(source, { isa: riscv64, origin: base + BigInt(headers) });
  if (!assembled.ok) throw new Error(JSON.stringify(assembled.error));
  const { bytes, symbols } = assembled.value;
  const image = new Uint8Array(headers + bytes.length);
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
  view.setBigUint64(104, BigInt(image.length + dataSize), true);
  view.setBigUint64(112, 4096n, true);
  image.set(bytes, headers);
  return { program: image, rare: symbols.get('rare')!, rarely: symbols.get('rarely')! };
}
