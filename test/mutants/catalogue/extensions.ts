import { mutantsOf } from '../mutant.ts';

/** Faults in what bit manipulation, control registers and floating-point instructions mean. */
const isa = 'src/domain/isa/riscv64';

// prettier-ignore
export const extensions = mutantsOf('semantics', {
  [`${isa}/zba.ts`]: [
    ['sh2add-shifts-by-three', 'shiftAdd(2)', 'shiftAdd(3)'],
    ['add.uw-signed', 'ir.add(low(ir, a), b)', "ir.add(ir.sext(ir.trunc(a, 'i32'), 'i64'), b)"],
    ['slli.uw-whole', 'ir.shl(low(ir, x(ir, rs1)), ir.i64(shamt))', 'ir.shl(x(ir, rs1), ir.i64(shamt))'],
    ['sh3add.uw-whole', 'shiftAddLow(3)', 'shiftAdd(3)'],
  ],
  [`${isa}/zbb.ts`]: [
    ['andn-is-and', 'ir.and(a, ir.not(b))', 'ir.and(a, b)'],
    ['orn-complements-the-other', 'ir.or(a, ir.not(b))', 'ir.or(ir.not(a), b)'],
    ['xnor-is-xor', 'ir.not(ir.xor(a, b))', 'ir.xor(a, b)'],
    ['clz-is-ctz', "'00000', '001', 'unpriv 28.5 clz',  (ir, a) => ir.clz(a)", "'00000', '001', 'unpriv 28.5 clz',  (ir, a) => ir.ctz(a)"],
    ['ctzw-is-clzw', "unaryW('ctzw',  '00001', 'unpriv 28.5 ctzw',  (ir, a) => ir.ctz(a))", "unaryW('ctzw',  '00001', 'unpriv 28.5 ctzw',  (ir, a) => ir.clz(a))"],
    ['max-unsigned', "ir.select(ir.ltS(a, b), b, a)", "ir.select(ir.ltU(a, b), b, a)"],
    ['maxu-is-minu', "ir.select(ir.ltU(a, b), b, a)", "ir.select(ir.ltU(a, b), a, b)"],
    ['min-unsigned', "ir.select(ir.ltS(a, b), a, b)", "ir.select(ir.ltU(a, b), a, b)"],
    ['sext.b-extends-halfwords', "ir.sext(ir.trunc(a, 'i8'), 'i64')", "ir.sext(ir.trunc(a, 'i16'), 'i64')"],
    ['zext.h-sign-extends', "ir.zext(ir.trunc(x(ir, rs1), 'i16'), 'i64')", "ir.sext(ir.trunc(x(ir, rs1), 'i16'), 'i64')"],
    ['rolw-rotates-right', "'0110000', '001', 'unpriv 28.5 rolw', (ir, a, b) => ir.rotl(a, b)", "'0110000', '001', 'unpriv 28.5 rolw', (ir, a, b) => ir.rotr(a, b)"],
    ['roriw-rotates-left', 'ir.rotr(w(ir, rs1), ir.i32(shamt))', 'ir.rotl(w(ir, rs1), ir.i32(shamt))'],
    ['orc.b-ignores-the-top-bits', 'ir.or(ir.add(ir.and(a, low7), low7), a)', 'ir.add(ir.and(a, low7), low7)'],
    ['orc.b-carries', 'ir.add(ir.and(a, low7), low7)', 'ir.add(a, low7)'],
  ],
  [`${isa}/zb-rows.ts`]: [
    ['word-counts-sign-extend', "setX(ir, rd, ir.zext(compute(ir, w(ir, rs1)), 'i64'))", "setX(ir, rd, ir.sext(ir.not(compute(ir, w(ir, rs1))), 'i64'))"],
  ],
  [`${isa}/zbs.ts`]: [
    ['bclr-sets', 'ir.and(a, ir.not(bit(ir, b)))', 'ir.or(a, bit(ir, b))'],
    ['bext-two-bits', 'ir.and(ir.shrU(a, b), ir.i64(1))', 'ir.and(ir.shrU(a, b), ir.i64(3))'],
    ['binv-clears', 'ir.xor(a, bit(ir, b))', 'ir.and(a, ir.not(bit(ir, b)))'],
    ['bset-inverts', 'ir.or(a, bit(ir, b))', 'ir.xor(a, bit(ir, b))'],
  ],
  [`${isa}/zicond.ts`]: [
    ['czero.eqz-inverted', 'ir.select(ir.eq(b, ir.i64(0)), ir.i64(0), a)', 'ir.select(ir.eq(b, ir.i64(0)), a, ir.i64(0))'],
    ['czero.nez-tests-rs1', 'ir.ne(b, ir.i64(0))', 'ir.ne(a, ir.i64(0))'],
  ],
  [`${isa}/zicsr.ts`]: [
    ['fflags-six-bits', 'ir.i64(0x1f)', 'ir.i64(0x3f)'],
    ['frm-two-bits', "ir.trunc(ir.and(value, ir.i64(7)), 'i8')", "ir.trunc(ir.and(value, ir.i64(3)), 'i8')"],
    ['fcsr-read-shifted', 'ir.shl(readMode(ir), ir.i64(5))', 'ir.shl(readMode(ir), ir.i64(4))'],
    ['fcsr-write-shifted', 'ir.shrU(value, ir.i64(5))', 'ir.shrU(value, ir.i64(4))'],
    ['csrrs-writes-read-only-with-x0', 'update === swap || source !== 0', 'true'],
    ['csrrc-sets', 'ir.and(old, ir.not(operand))', 'ir.or(old, operand)'],
    ['csr-read-only-is-written', '!register || (writes && !register.write)', '!register'],
    ['csr-gives-the-new-value', 'setX(ir, rd, old);', 'setX(ir, rd, register.read(ir));'],
    ['time-counts-cycles', "ir.counter('time')", "ir.counter('cycles')"],
  ],
  [`${isa}/rounding.ts`]: [
    ['dynamic-mode-five', 'ir.leU(ir.i8(5), mode)', 'ir.leU(ir.i8(6), mode)'],
    ['static-mode-ignored', 'return ir.i8(rm);', 'return ir.i8(0);'],
  ],
  [`${isa}/float-semantics.ts`]: [
    ['arithmetic-raises-nothing', 'const result = ir[op](p.read(ir, fs1), p.read(ir, fs2), mode);\n    p.write(ir, fd, result);\n    ir.raise(result);', 'const result = ir[op](p.read(ir, fs1), p.read(ir, fs2), mode);\n    p.write(ir, fd, result);'],
    ['arithmetic-swapped', 'ir[op](p.read(ir, fs1), p.read(ir, fs2), mode)', 'ir[op](p.read(ir, fs2), p.read(ir, fs1), mode)'],
    ['fused-addend-sign', 'operand(fs3, addend)', 'operand(fs3, product)'],
    ['fused-product-sign', 'operand(fs1, product)', 'operand(fs1, addend)'],
    ['fsgnjn-copies', "sign === 'negate' ? ir.not(other) : other", 'other'],
    ['fsgnj-keeps-the-sign', "sign === 'xor' ? bits : ir.and(bits, ir.not(mask))", 'bits'],
    ['comparison-raises-nothing', "setX(ir, rd, ir.zext(result, 'i64'));\n    ir.raise(result);", "setX(ir, rd, ir.zext(result, 'i64'));"],
    ['fcvt-word-zero-extends', "ir.sext(result, 'i64')", "ir.zext(result, 'i64')"],
    ['fclass-signs-swapped', 'ir.select(negative, ir.i64(1n << BigInt(below)), ir.i64(1n << BigInt(above)))', 'ir.select(negative, ir.i64(1n << BigInt(above)), ir.i64(1n << BigInt(below)))'],
    ['fclass-quiet-is-signalling', 'ir.select(quiet, ir.i64(1n << 9n), ir.i64(1n << 8n))', 'ir.select(quiet, ir.i64(1n << 8n), ir.i64(1n << 9n))'],
    ['fclass-subnormal-is-normal', 'ir.ltU(magnitude, constant(hidden))', 'ir.ltU(magnitude, constant(hidden >> 1n))'],
    ['fmv.x.w-zero-extends', "setW(ir, rd, ir.trunc(raw, 'i32'))", "setX(ir, rd, ir.and(raw, ir.i64(0xffff_ffffn)))"],
    ['fsw-checks-the-box', "ir.trunc(raw, 'i32') : raw", 'p.bits(ir, fields.fs2) : raw'],
    ['flw-offset-ignored', "const address = ir.add(x(ir, rs1), ir.i64(simm));\n    if (p.int === 'i32') setSBits", "const address = x(ir, rs1);\n    if (p.int === 'i32') setSBits"],
  ],
  [`${isa}/rv64f.ts`]: [
    ['fmin.s-is-fmax', "extreme('fmin', single)", "extreme('fmax', single)"],
    ['flt.s-is-fle', "comparison('fltSignaling', single)", "comparison('fleSignaling', single)"],
    ['fcvt.wu.s-signed', "toInteger('floatToIntU', 'i32', single)", "toInteger('floatToIntS', 'i32', single)"],
    ['fcvt.s.lu-signed', "fromInteger('intToFloatU', 'i64', single)", "fromInteger('intToFloatS', 'i64', single)"],
    ['fnmadd.s-is-fnmsub', "fused('-', '-', single)", "fused('-', '+', single)"],
  ],
  [`${isa}/rv64d.ts`]: [
    ['fle.d-is-flt', "comparison('fleSignaling', double)", "comparison('fltSignaling', double)"],
    ['fcvt.l.d-unsigned', "toInteger('floatToIntS', 'i64', double)", "toInteger('floatToIntU', 'i64', double)"],
    ['fdiv.d-multiplies', "arithmetic('fdiv', double)", "arithmetic('fmul', double)"],
  ],
});
