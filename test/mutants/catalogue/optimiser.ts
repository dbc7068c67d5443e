import { mutantsOf } from '../mutant.ts';

/** Faults in the optimiser: rules whose equation is wrong for some values, passes that forget something. */
const rulesOf = 'src/domain/ir/optimiser/rules';
const passesOf = 'src/domain/ir/optimiser';

// prettier-ignore
const rules = mutantsOf('rules', {
  [`${rulesOf}/arithmetic.ts`]: [
    ['rule-add-chain', 'add(x, add(c, d))),', 'add(x, sub(c, d))),', 'add-chain'],
    ['rule-sub-constant', 'add(bx, sub(num(0, \'B\'), bc))', 'add(bx, bc)', 'sub-constant'],
    ['rule-negate-difference', "rule('negate-difference', sub(num(0), sub(x, y)), sub(y, x))", "rule('negate-difference', sub(num(0), sub(x, y)), sub(x, y))", 'negate-difference'],
    ['rule-constant-minus-sum', 'sub(sub(c, d), x))', 'sub(add(c, d), x))', 'constant-minus-sum'],
    ['rule-complement-plus-one', "add(xor(x, num(-1)), num(1)), sub(num(0), x)", "add(xor(x, num(-1)), num(1)), xor(x, num(-1))", 'complement-plus-one'],
    ['rule-sub-first-addend', "rule('sub-first-addend', sub(add(bx, by), bx), by)", "rule('sub-first-addend', sub(add(bx, by), bx), bx)", 'sub-first-addend'],
  ],
  [`${rulesOf}/bitwise.ts`]: [
    ['rule-and-ones', "rule('and-ones', and(bx, ones), bx)", "rule('and-ones', and(bx, ones), ones)", 'and-ones'],
    ['rule-or-chain', 'or(bx, or(c, d))', 'or(bx, and(c, d))', 'or-chain'],
    ['rule-or-covers-mask', "where: [eq(or(c, d), ones)] }", "where: [eq(and(c, d), zero)] }", 'or-covers-mask'],
    ['rule-and-clears-or', "rule('and-clears-or', and(or(bx, c), d), and(bx, d), { where: [eq(and(c, d), zero)] })", "rule('and-clears-or', and(or(bx, c), d), and(bx, d))", 'and-clears-or'],
    ['rule-xor-twice', "rule('xor-twice', xor(xor(bx, by), by), bx)", "rule('xor-twice', xor(xor(bx, by), by), by)", '^xor-twice$'],
  ],
  [`${rulesOf}/multiplication.ts`]: [
    ['rule-mul-minus-one', "rule('mul-minus-one', mul(x, num(-1)), sub(num(0), x))", "rule('mul-minus-one', mul(x, num(-1)), x)", 'mul-minus-one'],
    ['rule-mul-power-of-two', "rule('mul-power-of-two', mul(x, c), shl(x, exponent)", "rule('mul-power-of-two', mul(x, c), shl(x, c)", 'mul-power-of-two'],
    ['rule-mulHighU-power-of-two', 'where: [isPowerOfTwo, ne(c, num(1))],', 'where: [isPowerOfTwo],', 'mulHighU-power-of-two'],
    ['rule-divS-power-of-two-rounds-down', "shrS(add(x, shrU(shrS(x, sub(widthOf('I'), num(1))), sub(widthOf('I'), exponent))), exponent)", 'shrS(x, exponent)', 'divS-power-of-two'],
    ['rule-divS-power-of-two-of-the-least', "where: [isPowerOfTwo, ltU(num(1), c), ltU(exponent, sub(widthOf('I'), num(1)))]", 'where: [isPowerOfTwo, ltU(num(1), c)]', 'divS-power-of-two'],
    ['rule-remU-power-of-two', 'and(x, sub(c, num(1)))', 'and(x, c)', 'remU-power-of-two'],
    ['rule-divS-zero', "rule('divS-zero', divS(x, num(0)), num(-1))", "rule('divS-zero', divS(x, num(0)), num(0))", 'divS-zero'],
    ['rule-remS-zero', "rule('remS-zero', remS(x, num(0)), x)", "rule('remS-zero', remS(x, num(0)), num(0))", 'remS-zero'],
  ],
  [`${rulesOf}/shifts.ts`]: [
    ['rule-shl-chain-out-of-range', "rule('shl-chain', shl(shl(x, c), d), shl(x, together), { where: [...inRange, ltU(together, w)] })", "rule('shl-chain', shl(shl(x, c), d), shl(x, together), { where: inRange })", 'shl-chain'],
    ['rule-shrS-chain-empties', "rule('shrS-chain-fills', shrS(shrS(x, c), d), shrS(x, sub(w, num(1)))", "rule('shrS-chain-fills', shrS(shrS(x, c), d), num(0)", 'shrS-chain-fills'],
    ['rule-shifts-are-rotl', "rule('shifts-are-rotl', or(shl(x, c), shrU(x, d)), rotl(x, c)", "rule('shifts-are-rotl', or(shl(x, c), shrU(x, d)), rotl(x, d)", 'shifts-are-rotl'],
    ['rule-zext-and-shift-left', 'shl(zext(word, \'i64\'), sub(half, amount))', 'shl(zext(word, \'i64\'), amount)', 'zext-and-shift-left'],
    ['rule-sext-and-shift-right', "shrS(sext(word, 'i64'), sub(amount, half))", "shrS(zext(word, 'i64'), sub(amount, half))", 'sext-and-shift-right'],
    ['rule-shift-pair-is-zext', "sext(trunc(value, J), I),", "zext(trunc(value, J), I),", 'shift-pair-is-sext'],
    ['rule-shrU-then-shl', 'and(x, shl(num(-1), c))', 'and(x, shrU(num(-1), c))', 'shrU-then-shl'],
    ['rule-masked-amount', 'where: [eq(and(c, sub(w, num(1))), sub(w, num(1)))],', 'where: [eq(and(c, num(1)), num(1))],', 'masked-amount'],
  ],
  [`${rulesOf}/extensions.ts`]: [
    ['rule-sext-zext', "rule('sext-zext', sext(zext(xb, 'J'), 'I'), zext(xb, 'I'))", "rule('sext-zext', sext(zext(xb, 'J'), 'I'), sext(xb, 'I'))", 'sext-zext'],
    ['rule-trunc-sext-wider', "rule('trunc-sext-wider', trunc(sext(xb, 'I'), 'J'), sext(xb, 'J')", "rule('trunc-sext-wider', trunc(sext(xb, 'I'), 'J'), zext(xb, 'J')", 'trunc-sext-wider'],
    ['rule-trunc-or-upper', "rule('trunc-or-upper', trunc(or(x, c), 'J'), trunc(x, 'J'), { where: [eq(low, num(0, 'J'))] })", "rule('trunc-or-upper', trunc(or(x, c), 'J'), trunc(x, 'J'))", 'trunc-or-upper'],
    ['rule-zext-of-halfword', 'and(x, num(0xffff))', 'and(x, num(0x7fff))', 'zext-of-halfword'],
    ['rule-upper-half-of-box', "extract(or(wide, upper), 32, 'i32'), num(-1, 'i32'), {", "extract(or(wide, upper), 32, 'i32'), num(0, 'i32'), {", 'upper-half-of-box'],
  ],
  [`${rulesOf}/comparisons.ts`]: [
    ['rule-ltS-zext-stays-signed', "  ['ltS', ltU],\n", '', 'ltS-zext'],
    ['rule-not-leS', "rule('not-leS', not(leS(x, y)), ltS(y, x))", "rule('not-leS', not(leS(x, y)), leS(y, x))", 'not-leS'],
    ['rule-ltU-one', "rule('ltU-one', ltU(x, num(1)), eq(x, num(0)))", "rule('ltU-one', ltU(x, num(1)), ne(x, num(0)))", 'ltU-one'],
    ['rule-eq-sum', 'compare(x, sub(d, c))', 'compare(x, sub(c, d))', '^(eq|ne)-sum$'],
    ['rule-zext-beyond', "compare(zext(bx, 'J'), wideC), differs, { where: [not(fitsZext)] }", "compare(zext(bx, 'J'), wideC), differs, { where: [fitsZext] }", 'zext-beyond'],
  ],
  [`${rulesOf}/selects.ts`]: [
    ['rule-select-not', 'select(xor(p, yes), ax, ay), select(p, ay, ax)', 'select(xor(p, yes), ax, ay), select(p, ax, ay)', 'select-not'],
    ['rule-select-in-false', "select(p, ax, select(p, ay, az)), select(p, ax, az)", "select(p, ax, select(p, ay, az)), select(p, ax, ay)", 'select-in-false'],
    ['rule-select-eq', "rule('select-eq', select(eq(bx, by), bx, by), by)", "rule('select-eq', select(eq(bx, by), bx, by), bx)", 'select-eq'],
  ],
});

// prettier-ignore
const passes = mutantsOf('passes', {
  [`${passesOf}/dead-writes.ts`]: [
    ['write-dead-over-a-read', "else if (node.op === 'read') overwritten.delete(node.attr.slot);", "else if (node.op === 'read') continue;"],
    ['write-dead-over-a-fault', 'else if (mayFault(node.op) || mayLeave', 'else if (mayLeave'],
    ['exceptions-dead', 'if (overwritten.has(layout.fpExceptions)) dead.add(at);\n      } else', 'dead.add(at);\n      } else'],
  ],
  [`${passesOf}/dead-code.ts`]: [
    ['loads-are-dead', "effect === 'none' || effect === 'reads-state'", "effect === 'none' || effect === 'reads-state' || op === 'load'"],
    ['arguments-are-dead', 'for (const { id } of node.args) used[id] = 1;', 'for (const { id } of node.args.slice(1)) used[id] = 1;'],
  ],
  [`${passesOf}/forward-state.ts`]: [
    ['exceptions-forwarded', "      if (node.op === 'raise') held.delete(block.layout.fpExceptions);\n", ''],
    ['writes-not-seen', '        held.set(node.attr.slot, value);\n', ''],
  ],
  [`${passesOf}/forward-memory.ts`]: [
    ['stores-forget-nothing', 'this.#known.filter((known) => disjoint(known.address, known.size, address, size))', 'this.#known'],
    ['atomics-forget-nothing', "        case 'rmw':\n        case 'compareExchange':\n", ''],
    ['conditional-store-forgets-nothing', '          this.#forget(addressOf(address!), widths[value!.type as IrType] / 8, node.attr);\n', ''],
    ['stored-is-readable', 'this.#surroundings.writableIsReadable || before?.readable === true', 'true'],
    ['types-not-compared', 'if (known?.type === type && known.endian === endian) {', 'if (known) {'],
  ],
  [`${passesOf}/address.ts`]: [
    ['overlap-behind-not-seen', 'ahead >= BigInt(size) && behind >= BigInt(otherSize)', 'ahead >= BigInt(size)'],
    ['other-base-is-disjoint', 'if (one.base !== other.base) return false;', 'if (one.base !== other.base) return true;'],
    ['offset-ignored', 'one.base === other.base && one.offset === other.offset', 'one.base === other.base'],
  ],
  [`${passesOf}/raise-once.ts`]: [
    ['written-exceptions-stay-raised', " else if (node.op === 'write' && node.attr.slot === block.layout.fpExceptions) raised.clear();", ''],
  ],
  [`${passesOf}/control-rules.ts`]: [
    ['trap-condition-inverted', "return isConstant(condition!, 0n) ? 'nothing' : 'same';", "return isConstant(condition!, 1n) ? 'nothing' : 'same';"],
    ['inverted-branch-not-swapped', 'args: [condition.args[0]!, otherwise!, taken!]', 'args: [condition.args[0]!, taken!, otherwise!]'],
    ['never-taken-is-taken', 'if (isConstant(condition!, 0n)) return jumpTo(otherwise!);', 'if (isConstant(condition!, 0n)) return jumpTo(taken!);'],
  ],
  [`${passesOf}/value-table.ts`]: [
    ['extract-position-not-compared', "  if (node.op === 'extract') ids[1] = node.attr.lsb;\n", ''],
    ['types-share-values', ' + typeNumber.get(node.type as IrType)!;', ';'],
  ],
  [`${passesOf}/simplify.ts`]: [
    ['folded-exceptions-dropped', 'else if (folded.flags === 0) rewriter.drop();', 'else if (folded.flags >= 0) rewriter.drop();'],
  ],
});

export const optimiser = [...rules, ...passes];
