import { mutantsOf } from '../mutant.ts';

/** Faults in what everything else is held against: the op table, the golden evaluator, its floating point. */

// prettier-ignore
const float = mutantsOf('float', {
  'src/domain/float/round.ts': [
    ['ties-to-odd', '(kept & 1n) === 1n', '(kept & 1n) === 0n'],
    ['ties-up', 'rest > half || (rest === half', 'rest >= half || (rest === half'],
    ['nearest-away-as-even', 'return rest >= half;', 'return rest > half;'],
    ['down-is-toward-zero', 'return negative;', 'return false;'],
    ['up-is-away', 'return !negative;', 'return true;'],
    ['overflow-to-the-greatest', 'overflowsToInfinity(negative, mode) ? infinity : infinity - 1n', 'infinity - 1n'],
    ['overflow-direction', 'negative ? rounding.down : rounding.up', 'negative ? rounding.up : rounding.down'],
    ['overflow-not-inexact', 'flags: fpException.overflow | fpException.inexact', 'flags: fpException.overflow'],
    ['tiny-before-rounding', 'unbounded < leastExponent && !reachesNormal()', 'unbounded < leastExponent'],
    ['underflow-not-raised', 'tiny ? fpException.underflow | fpException.inexact : fpException.inexact', 'fpException.inexact'],
    ['nan-is-negative', 'layoutOf(format).infinity | layoutOf(format).quietBit;', 'layoutOf(format).signBit | layoutOf(format).infinity | layoutOf(format).quietBit;'],
  ],
  'src/domain/float/comparison.ts': [
    ['zeros-differ', 'const equal = bothZero || a === b;', 'const equal = a === b;'],
    ['zeros-ordered', '!bothZero && rank', 'rank'],
    ['quiet-compare-signals', "kind === 'signaling' || isSignaling", "kind === 'quiet' || isSignaling"],
    ['minimum-of-nan-is-nan', '{ bits: isNaN(format, b) ? canonicalNaN(format) : b, flags }', '{ bits: canonicalNaN(format), flags }'],
    ['minimum-forgets-invalid', 'isSignaling(format, a) || isSignaling(format, b) ? fpException.invalid : 0;\n  if', 'isSignaling(format, a) ? fpException.invalid : 0;\n  if'],
  ],
  'src/domain/float/conversion.ts': [
    ['nan-to-the-least', "if (x.kind === 'nan') return saturated(false);", "if (x.kind === 'nan') return saturated(true);"],
    ['saturates-late', 'value < least || value > greatest', 'value < least || value > greatest + 1n'],
    ['conversion-exact', 'flags: inexact ? fpException.inexact : 0 };', 'flags: 0 };'],
    ['integer-sign-lost', 'round(format, value < 0n, value < 0n ? -value : value, 0, mode)', 'round(format, false, value < 0n ? -value : value, 0, mode)'],
    ['narrowing-quiet', 'nan(to, x.signaling)', 'nan(to, false)'],
  ],
});

// prettier-ignore
const evaluator = mutantsOf('evaluator', {
  'src/domain/ir/ops.ts': [
    ['quotient-by-zero', '(b === 0n ? maskOf(w) : a! / b!)', '(b === 0n ? 0n : a! / b!)'],
    ['signed-quotient-by-zero', '(b === 0n ? maskOf(w) : truncate(signed(a!, w) / signed(b!, w), w))', '(b === 0n ? 0n : truncate(signed(a!, w) / signed(b!, w), w))'],
    ['remainder-by-zero', '(b === 0n ? a! : a! % b!)', '(b === 0n ? 0n : a! % b!)'],
    ['shift-of-whole-width', 'amount & BigInt(width - 1)', 'amount & BigInt(2 * width - 1)'],
    ['high-product-signs', 'truncate((signed(a!, w) * b!) >> BigInt(w), w)', 'truncate((signed(a!, w) * signed(b!, w)) >> BigInt(w), w)'],
    ['clz-of-zero', 'BigInt(w - bitLength(a!))', 'a === 0n ? 0n : BigInt(w - bitLength(a!))'],
    ['ctz-of-zero', '(a === 0n ? BigInt(w) :', '(a === 0n ? 0n :'],
    ['extract-off-by-one', 'a! >> BigInt((node.attr as { lsb: number }).lsb)', 'a! >> BigInt((node.attr as { lsb: number }).lsb + 1)'],
    ['signed-less-or-equal', 'bool(signed(a!, widths[t!]) <= signed(b!, widths[t!]))', 'bool(signed(a!, widths[t!]) < signed(b!, widths[t!]))'],
  ],
  'src/domain/ir/evaluator.ts': [
    ['exceptions-replace', 'context.readSlot(slot) | BigInt(flags', '0n & context.readSlot(slot) | BigInt(flags'],
    ['branch-inverted', 'args[0] === 1n ? args[1]! : args[2]!', 'args[0] === 1n ? args[2]! : args[1]!'],
    ['trap-retires', "return { kind: 'trap', cause: node.attr.cause, pc: truncate(current, 64), retired };\n      case 'jump'", "return { kind: 'trap', cause: node.attr.cause, pc: truncate(current, 64), retired: retired + 1 };\n      case 'jump'"],
    ['system-call-does-not-retire', "kind: 'syscall', pc: following, retired: retired + 1", "kind: 'syscall', pc: following, retired"],
    ['misaligned-load-passes', "if (access.aligned && address % BigInt(size) !== 0n) return { access: as,", "if (access.aligned && address % BigInt(size) === 1n) return { access: as,"],
    ['atomic-faults-as-load', "const old = load(context, node.attr, address, size, 'store');", "const old = load(context, node.attr, address, size, 'load');"],
    ['atomic-minimum-unsigned', "case 'minS':\n      return lower(old, operand, asSigned);", "case 'minS':\n      return lower(old, operand, asIs);"],
    ['atomic-swap-keeps', "case 'swap':\n      return operand;", "case 'swap':\n      return old;"],
  ],
  'src/infrastructure/engine/golden/golden-machine.ts': [
    ['store-without-dirty-mark', '    this.memory.touch(start, size);\n', ''],
    ['loads-need-no-permission', 'this.#fault(address, size, permission.read', 'this.#fault(address, size, 0'],
    ['time-is-cycles', "counter === 'time' ? BigInt.asUintN(64, counters.timeAt(retired))", "counter === 'cycles' ? BigInt.asUintN(64, counters.timeAt(retired))"],
  ],
});

// prettier-ignore
const decoding = mutantsOf('decoding', {
  'src/domain/isa/riscv64/rv64i.ts': [
    ['branch-offset-bits', 'simm[12|10:5] rs2:5 rs1:5 ${funct3} simm[4:1|11]', 'simm[11|10:5] rs2:5 rs1:5 ${funct3} simm[4:1|12]'],
    ['jump-offset-bits', 'simm[20|10:1|11|19:12]', 'simm[20|10:1|12|19:13|11]'],
    ['srai-encoded-as-srli-w', "'0100000 shamt:5 rs1:5 101 rd:5 0011011'", "'0100001 shamt:5 rs1:5 101 rd:5 0011011'"],
    ['sub-operands-in-assembly', "asm: 'sub {rd}, {rs1}, {rs2}'", "asm: 'sub {rd}, {rs2}, {rs1}'"],
    ['shift-amount-decimal', "asm: 'slli {rd}, {rs1}, {shamt|hex}'", "asm: 'slli {rd}, {rs1}, {shamt|decimal}'"],
  ],
  'src/domain/isa/riscv64/rv64c.ts': [
    ['c.jr-allows-x0', "'100 0 rs1:5!0 00000 10'", "'100 0 rs1:5 00000 10'"],
    ['c.sdsp-offset-bits', 'uimm[5:3|8:6] rs2:5 10', 'uimm[5:3|7:6|8] rs2:5 10'],
    ['c.addi16sp-offset-bits', 'nzsimm[4|6|8:7|5]', 'nzsimm[4|5|8:7|6]'],
  ],
  'src/domain/isa/riscv64/operands.ts': [
    ['abi-names-swapped', "'s0', 's1', 'a0', 'a1'", "'s1', 's0', 'a0', 'a1'"],
    ['rounding-mode-names', "['rdn', 2],\n      ['rup', 3],", "['rdn', 3],\n      ['rup', 2],"],
    ['fence-sets-reversed', '(set >> (3 - bit)) & 1', '(set >> bit) & 1'],
  ],
});

export const reference = [...float, ...evaluator, ...decoding];
