import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Assembled, assemble } from './assembler.ts';
import { disassembleRange } from './disassembler.ts';
import { riscv64 } from './riscv64/riscv64.ts';

const options = { isa: riscv64, origin: 0x1000n };

function assembled(source: string): Assembled {
  const result = assemble(source, options);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
const listing = (source: string): (string | undefined)[] =>
  [...disassembleRange(riscv64, assembled(source).bytes, options.origin)].map(({ text }) => text);
const hex = (source: string): string => Buffer.from(assembled(source).bytes).toString('hex');
function errors(source: string): string[] {
  const result = assemble(source, options);
  return result.ok ? [] : result.error.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('instructions', () => {
  test('may use labels before and after them, and numeric labels again and again', () => {
    expect(listing('start: j end\n1: beqz a0, 1f\n bnez a1, 1b\n1: j 1b\nend: j start')).toEqual([
      'jal zero, 0x1010',
      'beq a0, zero, 0x100c',
      'bne a1, zero, 0x1004',
      'jal zero, 0x100c',
      'jal zero, 0x1000',
    ]);
  });

  test('may name registers by ABI or number, and CSRs by name or number', () => {
    expect(listing('add x10, fp, X1; csrr a0, 0xc01; c.mv a0, s11')).toEqual([
      'add a0, s0, ra',
      'csrrs a0, time, zero',
      'c.mv a0, s11',
    ]);
  });

  test('may leave out a zero offset and the dynamic rounding mode', () => {
    expect(
      listing('lw a0, (sp)\n lr.d.aq a0, 0(a1)\n fadd.d fa0, fa1, fa2\n fadd.d fa0, fa1, fa2, rtz'),
    ).toEqual([
      'lw a0, 0(sp)',
      'lr.d.aq a0, (a1)',
      listing('fadd.d fa0, fa1, fa2, dyn')[0],
      'fadd.d fa0, fa1, fa2, rtz',
    ]);
  });

  test('may take expressions', () => {
    expect(
      listing(
        ".equ k, (1 << 4) | 2\n addi a0, a0, -k * 2 + 'A'\n lui a0, %hi(0x12345fff)\n addi a0, a0, %lo(0x12345fff)",
      ),
    ).toEqual(['addi a0, a0, 29', 'lui a0, 0x12346', 'addi a0, a0, -1']);
  });
});

describe('pseudo-instructions', () => {
  test.each([
    ['nop', ['addi zero, zero, 0']],
    ['ret', ['jalr zero, 0(ra)']],
    ['mv a0, a1', ['addi a0, a1, 0']],
    ['bgt a0, a1, .', ['blt a1, a0, 0x1000']],
    ['call 0x3000', ['auipc ra, 0x2', 'jalr ra, 0(ra)']],
    ['la a0, 0x1800', ['auipc a0, 0x1', 'addi a0, a0, -2048']],
    ['lw a0, 0x1010', ['auipc a0, 0x0', 'lw a0, 16(a0)']],
    ['sd a0, 0x1010, t0', ['auipc t0, 0x0', 'sd a0, 16(t0)']],
    ['jalr t0', ['jalr ra, 0(t0)']],
    ['fmv.d fa0, fa1', ['fsgnj.d fa0, fa1, fa1']],
    ['fsrmi 1', ['csrrwi zero, frm, 1']],
    ['li a0, 5', ['addi a0, zero, 5']],
    ['li a0, 0x800', ['lui a0, 0x1', 'addiw a0, a0, -2048']],
    ['li a0, 0x12345000', ['lui a0, 0x12345']],
    ['li a0, 1 << 63', ['addi a0, zero, -1', 'slli a0, a0, 0x3f']],
  ])('%s stands for %j', (source, expected) => {
    expect(listing(source)).toEqual(expected);
  });

  test('li gives every 64-bit value in at most eight instructions', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }), (value) => {
        let register = 0n;
        const lines = listing(`li a0, ${value}`);
        for (const line of lines) {
          const operand = BigInt(/(0x[0-9a-f]+|\d+)$/.exec(line!)![0]) * (/ -\d+$/.test(line!) ? -1n : 1n);
          if (line!.startsWith('lui')) register = BigInt.asIntN(32, operand << 12n);
          else if (line!.startsWith('slli')) register <<= operand;
          else register = (line!.includes(' zero,') ? 0n : register) + operand;
          if (line!.startsWith('addiw')) register = BigInt.asIntN(32, register);
        }
        expect(BigInt.asUintN(64, register)).toBe(BigInt.asUintN(64, value));
        expect(lines.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});

test('a target before address 0 lies at the end of the address space', () => {
  expect(hex('jal zero, 0xfffffffffffffff0')).toBe(hex('jal zero, -16'));
});

describe('directives', () => {
  test.each([
    ['.byte 1, -1, 0xff', '01ffff'],
    ['.half 0x1234', '3412'],
    ['.word ., .', '0010000004100000'],
    ['.dword end\nend:', '0810000000000000'],
    ['.float 1.5, -inf', '0000c03f000080ff'],
    ['.double 1', '000000000000f03f'],
    [String.raw`.ascii "a\n\x41\101\"#;"`, '610a414122233b'],
    ['.asciz "é", "b"', 'c3a9006200'],
    ['.byte 1; .align 3; .byte 2', '0100010013000000' + '02'],
    ['.byte 1; .balign 2; .byte 2', '010002'],
    ['.zero 2; .space 2, 7', '00000707'],
    ['.org 0x1004; .byte 1', '0000000001'],
    ['/* two\nlines */ .byte 1 // one\n# none', '01'],
  ])('%s gives %s', (source, bytes) => {
    expect(hex(source)).toBe(bytes);
  });

  test('give symbols with their values', () => {
    expect([...assembled('.equ k, 7\na: nop\nb:').symbols]).toEqual([
      ['k', 7n],
      ['a', 0x1000n],
      ['b', 0x1004n],
    ]);
  });
});

describe('errors', () => {
  test.each([
    ['foo a0', '1:1 foo is no riscv64 instruction or pseudo-instruction'],
    ['\n  addi a0, a1', '2:3 addi is not used so; write addi {rd}, {rs1}, {simm}'],
    ['addi a0, q0, 1', '1:10 expected an integer register, not q0'],
    ['addi a0, a1, 2048', '1:14 2048 does not fit; use -2048…2047'],
    ['j nowhere', '1:3 nowhere is not defined: add a label or .equ for it'],
    ['beq a0, a1, . + 4096', '1:13 the target is 4096 bytes away; it must be -4096…4094 in steps of 2'],
    ['c.lw a0, 3(a1)', '1:10 3 does not fit; use 0…124 in steps of 4'],
    ['c.lw t6, 0(a1)', '1:6 t6 cannot be used here: an integer register 8…15 only'],
    ['c.addi4spn a0, sp, 0', '1:20 c.addi4spn: 0 must not be 0'],
    ['a: a: nop', '1:4 a is already defined: choose another name'],
    ['.byte 256', '1:7 256 does not fit in 1 bytes: use a wider directive'],
    ['.align 40', '1:8 cannot align to 40: the alignment must be a power of two up to 1 MiB'],
    ['.org 0', '1:6 cannot go back by 4096 bytes'],
    ['.equ 1a, 2', "1:6 1a cannot be a symbol's name"],
    ['.ascii "x', '1:8 this quote is not closed: add " before the end of the line'],
    ['nop /* x', '1:5 this comment is not closed: add */'],
    ['li a0, (3', '1:10 expected )'],
    ['li a0, 1 / 0', '1:10 division by zero'],
    ['li a0, 1 << 200', '1:10 cannot shift by 200: use 0 to 127'],
    ['li a0, 1 << 64', '1:8 18446744073709551616 does not fit in 64 bits'],
    ['li a0', '1:1 use li register, value'],
    ['li a0, k', '1:8 k is not defined: add a label or .equ for it'],
    ['li a0, 1 2', '1:10 expected an operator, not 2'],
    ['li a0, ?', "1:8 cannot read '?' as an expression"],
    ['addi a0, a0, %tprel_lo(4)', '1:14 %tprel_lo cannot be used here'],
  ])('%j: %s', (source, expected) => {
    expect(errors(source)).toEqual([expected]);
  });

  test('name an unknown directive and list the known ones', () => {
    expect(errors('.bogus')[0]).toMatch(/^1:1 \.bogus is not known; there are \.byte /);
  });

  test('bound the size of the output', () => {
    expect(errors('.zero 0x100000000')).toEqual([
      '1:7 4294967296 bytes are too many: only 67108864 are left',
    ]);
  });

  test('are all reported, in source order', () => {
    expect(errors('j b\nfoo\nj a').map((each) => each.slice(0, 3))).toEqual(['1:3', '2:1', '3:3']);
  });

  test('come for any text at all, never as exceptions', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (source) => void assemble(source, options)),
    );
    const pieces = fc.constantFrom(
      'addi',
      'a0',
      ',',
      ' ',
      '(',
      ')',
      '%lo',
      '-',
      '1f',
      'li',
      '.word',
      ':',
      '"',
      '\n',
      '.',
    );
    fc.assert(
      fc.property(
        fc.array(pieces).map((each) => each.join('')),
        (source) => void assemble(source, options),
      ),
    );
  });
});

test('a listing goes on after bytes that are no instruction', () => {
  const lines = [...disassembleRange(riscv64, Uint8Array.from([0, 0, 0x01, 0x00, 0x33, 0x85]), 0n)];
  expect(lines.map(({ address, text, illegal }) => [address, text ?? illegal])).toEqual([
    [0n, 'illegal'],
    [2n, 'c.nop'],
    [4n, 'truncated'],
  ]);
});
