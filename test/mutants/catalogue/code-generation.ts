import { mutantsOf } from '../mutant.ts';

/** Faults in generated code and in what surrounds it. */
const wasm = 'src/infrastructure/engine/wasm';

// prettier-ignore
const lowering = mutantsOf('lowering', {
  [`${wasm}/lowering/integer.ts`]: [
    ['division-by-zero-is-zero', 'constant(e, type, -1n);\n      narrow(e, node.type);', 'constant(e, type, 0n);\n      narrow(e, node.type);'],
    ['remainder-by-zero-is-zero', '} else e.code.get(dividend);', '} else constant(e, type, 0n);'],
    ['quotient-by-minus-one', 'constant(e, type, 0n);\n  e.code.get(dividend);\n  e.code.op(`${type}.sub`);', 'e.code.get(dividend);\n  constant(e, type, 0n);\n  e.code.op(`${type}.sub`);'],
    ['signed-division-of-zero', 'constant(e, type, -1n);\n  constant(e, type, 0n);\n  e.code.get(dividend);', 'constant(e, type, 1n);\n  constant(e, type, 0n);\n  e.code.get(dividend);'],
    ['signed-remainder-by-zero', 'e.code.op(`${type}.or`, `${type}.rem_s`);\n  e.code.get(dividend);', 'e.code.op(`${type}.or`, `${type}.rem_s`);\n  constant(e, type, 0n);'],
    ['remainder-unsigned', '`${type}.or`, `${type}.rem_s`', '`${type}.or`, `${type}.rem_u`'],
    ['high-product-names', 'const name = `mulHigh${a}${b}`;', 'const name = `mulHigh${b}${b}`;'],
    ['narrow-shift-amount', 'e.code.i32(width - 1);', 'e.code.i32(2 * width - 1);'],
    ['shift-right-unsigned', "if (op === 'shr_s') signedArg(e, node, 0);\n    else e.arg(node, 0);", 'e.arg(node, 0);'],
    ['narrow-ctz-of-zero', 'e.code.i32(2 ** widthOf(node.type));', 'e.code.i32(2 ** (widthOf(node.type) - 1));'],
    ['narrow-clz', 'e.code.i32(32 - widthOf(node.type));', 'e.code.i32(31 - widthOf(node.type));'],
    ['byte-swap-stops-early', 'for (let by = 8; by < width; by *= 2)', 'for (let by = 8; by < width / 2; by *= 2)'],
  ],
  [`${wasm}/lowering/conversion.ts`]: [
    ['sign-extension-by-zeros', "representation(node.type, node.op), 's');", "representation(node.type, node.op), 'u');"],
    ['narrow-sign-not-extended', '  signExtendNarrow(e, from);\n', ''],
    ['truncation-keeps-bits', "representation(node.type, node.op), 'u');\n  narrow(e, node.type);\n};\n\nexport const reinterpret", "representation(node.type, node.op), 'u');\n};\n\nexport const reinterpret"],
    ['extract-from-zero', 'constant(e, from, BigInt(node.attr.lsb));', 'constant(e, from, 0n);'],
    ['select-swapped', 'e.arg(node, 1);\n  e.arg(node, 2);\n  e.arg(node, 0);', 'e.arg(node, 2);\n  e.arg(node, 1);\n  e.arg(node, 0);'],
  ],
  [`${wasm}/lowering/memory.ts`]: [
    ['narrow-loads-signed', "`i32.load${suffix[size] as '8' | '16'}_u`", "`i32.load${suffix[size] as '8' | '16'}_s`"],
    ['bounds-too-generous', 'code.i64(BigInt(e.memorySize / size));', 'code.i64(BigInt((e.memorySize / size) * 2));'],
    ['permission-not-checked', 'code.i32(need);\n  code.op(\'i32.and\');', 'code.i32(0xff);\n  code.op(\'i32.and\');'],
    ['atomic-needs-reading-only', 'const address = admit(e, node, 0, size, { ...node.attr, ...atomic }, both);\n  const [old, operand]', 'const address = admit(e, node, 0, size, { ...node.attr, ...atomic }, pageBit.read);\n  const [old, operand]'],
    ['atomic-may-be-misaligned', 'const atomic = { aligned: true } as const;', 'const atomic = { aligned: false } as const;'],
    ['alignment-of-halves', 'code.i64(BigInt(Math.log2(size)));', 'code.i64(BigInt(Math.log2(size) - 1));'],
    ['store-if-stores-always', '  e.arg(node, 0);\n  e.code.if();\n  storeAt(e, node, 1, node.attr);\n  e.code.end();', '  storeAt(e, node, 1, node.attr);'],
    ['atomic-gives-the-new-value', 'e.code.memory(storeOp(size), guestMemory);\n  e.code.get(old);\n};\n\nconst direct', 'e.code.memory(storeOp(size), guestMemory);\n  e.code.get(operand);\n};\n\nconst direct'],
    ['atomic-minimum-is-maximum', "minS: 'le_s', maxS: 'ge_s'", "minS: 'ge_s', maxS: 'le_s'"],
    ['narrow-minimum-unsigned', "if (operation.endsWith('S') && node.type !== 'void') signExtendNarrow(e, node.type);", ''],
    ['atomic-minimum-of-unsigned', "minU: 'le_u'", "minU: 'le_s'"],
    ['load-page-of-the-wrong-address', 'code.i64(12n);', 'code.i64(13n);'],
  ],
  [`${wasm}/lowering/state.ts`]: [
    ['constants-unsigned', 'e.code.i32(Number(BigInt.asIntN(32, node.attr.value)))', 'e.code.i32(Number(BigInt.asIntN(31, node.attr.value)))'],
    ['byte-slots-as-words', "const size = width === 16 ? '16' : '8';", "const size = '16';"],
    ['trap-condition-ignored', '  e.arg(node, 0);\n  e.code.if();\n  e.leaveToStep();\n  e.code.end();', '  e.arg(node, 0);\n  e.code.if();\n  e.code.end();'],
    ['time-is-instructions', "if (node.attr.counter !== 'time') return;", "if (node.attr.counter !== 'cycles') return;"],
  ],
  [`${wasm}/lowering/float-conversion.ts`]: [
    ['nan-compares', '    site.e.code.branchIf(site.slow);\n  }\n}\n\nexport const comparison', "    site.e.code.op('drop');\n  }\n}\n\nexport const comparison"],
    ['floor-and-ceiling-swapped', "[rounding.down]: 'f64.floor',\n  [rounding.up]: 'f64.ceil',", "[rounding.down]: 'f64.ceil',\n  [rounding.up]: 'f64.floor',"],
    ['greatest-fits', "code.f64(sign === 's' ? 2 ** (width - 1) : 2 ** width);", "code.f64(sign === 's' ? 2 ** (width - 1) + 1 : 2 ** width + 1);"],
    ['conversion-not-checked', '    code.get(rounded);\n    code.get(value);\n    requireEqualUnlessMoot(site);\n', ''],
    ['large-integers-exact', "const limit = format === 'f64' ? 2n ** 53n : 2n ** 24n;", "const limit = format === 'f64' ? 2n ** 54n : 2n ** 25n;"],
  ],
  [`${wasm}/lowering/float-arithmetic.ts`]: [
    ['sum-exact-if-one-difference-is', "code.op(`${format}.ne`, 'i32.or');\n    });", "code.op(`${format}.ne`, 'i32.and');\n    });"],
    ['small-errors-fit', 'const errorFits = 60;', 'const errorFits = 2;'],
    ['difference-adds', 'code.op(`${format}.${op}`, toBits(format));\n    code.set(site.result);\n    requireFinite(site, format);', 'code.op(`${format}.add`, toBits(format));\n    code.set(site.result);\n    requireFinite(site, format);'],
    ['infinite-sums-pass', '    requireFinite(site, format);\n    site.unlessExactOrMoot', '    site.unlessExactOrMoot'],
  ],
});

// prettier-ignore
const quickFloat = mutantsOf('quick-float', {
  [`${wasm}/float-runtime.ts`]: [
    ['quick-directed-steps-back', 'const upward = mode === rounding.up || (mode === rounding.towardZero && nearest < 0);', 'const upward = mode === rounding.up || (mode === rounding.towardZero && nearest > 0);'],
    ['quick-ties-away-answered', '  if (mode === rounding.nearestAway) return noAnswer;\n  raised', '  raised'],
    ['quick-inexact-not-raised', '  raised = fpException.inexact;\n', '  raised = 0;\n'],
    ['quick-underflow-not-raised', 'raised |= fpException.underflow;', 'raised |= 0;'],
    ['quick-zero-sum-sign', 'mode === rounding.down ? noAnswer : exact(zero)', 'exact(zero)'],
    ['quick-least-normal', '  if (abs(result) === leastNormal) return noAnswer;\n', ''],
    ['quick-quotient-error-sign', 'return b > 0 ? remainder : -remainder;', 'return remainder;'],
    ['quick-difference-adds', 'f32: (a, b, c, mode) => addSingles(a, -b, c, mode), f64: (a, b, c, mode) => add(a, -b, c, mode)', 'f32: (a, b, c, mode) => addSingles(a, -b, c, mode), f64: add'],
  ],
  [`${wasm}/float-conversion.ts`]: [
    ['quick-ties-to-odd', 'whole % 2 !== 0', 'whole % 2 === 0'],
    ['quick-conversion-limit', 'const limit = signed ? 2 ** (width - 1) : 2 ** width;', 'const limit = signed ? 2 ** width : 2 ** width;'],
    ['quick-conversion-exact', 'whole === x ? 0 : fpException.inexact', '0'],
    ['quick-unsigned-signed', '(value as number) >>> 0', '(value as number) | 0'],
  ],
  [`${wasm}/error-free.ts`]: [
    ['neighbour-carry', 'if (next === 0) halves[high]!++;', ''],
    ['product-error-half', 'return ah * bh - p + ah * bl + al * bh + al * bl;', 'return ah * bh - p + ah * bl + al * bh;'],
  ],
});

// prettier-ignore
const engine = mutantsOf('engine', {
  [`${wasm}/interpreter/handler-compiler.ts`]: [
    ['handler-steps-without-giving-back', "this.#field(record.left);\n      code.op('i32.add');\n      code.set(this.#remaining);", "this.#field(record.left);\n      code.op('drop');\n      code.set(this.#remaining);"],
    ['handler-counter-early', "this.#field(record.left);\n        code.op('i32.add', 'i64.extend_i32_s', 'i64.sub');", "this.#field(record.left);\n        code.op('drop', 'i64.extend_i32_s', 'i64.sub');"],
    ['handler-system-call-address', 'this.#setPcFrom(record.next);', 'this.#setPcFrom(record.address);'],
  ],
  [`${wasm}/translation-cache.ts`]: [
    ['changed-code-stays', '    memory.onCodeChange = (start, end) => this.#invalidate(start, end);\n', ''],
    ['dropped-jumps-remembered', '    this.#jumps.delete(address);\n    this.#options.report({ type: \'TranslationDropped\'', '    this.#options.report({ type: \'TranslationDropped\''],
  ],
  [`${wasm}/cache/admission.ts`]: [
    ['stores-into-code-admitted', 'if (codeMap.overlaps(address, address + size) || memory.host.storeNeedsStep(address, size)) return 1;', 'if (memory.host.storeNeedsStep(address, size)) return 1;'],
    ['admitted-store-not-dirty', '    memory.touch(address, size);\n    return 0;', '    return 0;'],
    ['faulting-load-admitted', "memory.fault(address, size, 1, 'load') ? 1 : 0", "memory.fault(address, size, 1, 'load') ? 0 : 0"],
  ],
  [`${wasm}/cache/region-identity.ts`]: [
    ['identity-without-code', '  for (const { address, end } of ranges) hash.update(bytes.subarray(address, end));\n', ''],
    ['identity-without-memory-mode', '${size} ${host.guarded}', '${size}'],
  ],
  [`${wasm}/interpreter/interpreter.ts`]: [
    ['reused-segments-not-dropped', '    this.#dropSegment(this.#area.next);\n', ''],
  ],
  [`${wasm}/lowering/addressing.ts`]: [
    ['anchor-above-the-lowest', 'Math.min(lowest.get(based.base.id) ?? 0, based.offset)', 'Math.max(lowest.get(based.base.id) ?? 0, based.offset)'],
    ['atomics-trap-too', ') &&\n  !node.attr.aligned', ')'],
  ],
  [`${wasm}/region/slot-flow.ts`]: [
    ['exits-want-nothing', 'return needs | (dirty[index]! & (stored | storedBefore));', 'return needs | (dirty[index]! & stored);'],
    ['ends-want-nothing', 'return needs | (dirty[index]! & (stored | storedBefore));', 'return needs | (dirty[index]! & storedBefore);'],
  ],
  ['src/infrastructure/engine/memory/shadow-memory.ts']: [
    ['shadow-not-kept', 'this.#chunkOf(at)?.set(this.#bytes.subarray(at, until), at % chunkSize);', ''],
    ['registers-not-restored', '    this.#cpu.set(this.#savedCpu);\n', ''],
  ],
  ['src/infrastructure/engine/memory/flat-memory.ts']: [
    ['unguarded-stores-leave-pages-clean', 'if (this.flags[page]! & pageBit.mapped) this.markChanged(page);', 'if (this.flags[page]! & pageBit.mapped) continue;'],
  ],
  [`${wasm}/wasm-machine.ts`]: [
    ['guard-not-judged-within-a-run', 'if (this.#guarded?.renew(this.icount)) this.#judgeGuard();', 'this.#guarded?.renew(this.icount);'],
  ],
  ['src/infrastructure/engine/memory/page-guard.ts']: [
    ['runs-joined-over-a-gap', 'if (run.first !== next.end || level !== next.level) {', 'if (level !== next.level) {'],
  ],
  ['src/infrastructure/engine/memory/alike-runs.ts']: [
    ['bulk-compared-without-the-last', 'bytes.compare(bytes, at - 1, until - 1, at, until)', 'bytes.compare(bytes, at - 1, until - 2, at, until - 1)'],
  ],
  [`${wasm}/region/region-plan.ts`]: [
    ['longest-way-is-the-first', 'lengths[node] = lengths[node]! + Math.max(0, ...beyond);', 'lengths[node] = lengths[node]! + (beyond[0] ?? 0);'],
  ],
  [`${wasm}/region/region-frame.ts`]: [
    ['inlined-return-not-compared', "    this.code.op('i64.eq');\n    this.code.if(undefined, 'likely');", "    this.code.op('i64.eq');\n    this.code.op('drop');\n    this.code.i32(1);\n    this.code.if(undefined, 'likely');"],
  ],
  [`${wasm}/region/guest-call.ts`]: [
    ['result-of-another-return-lost', '  code.memory(\'i64.load\', controlMemory, pcSlot.offset);\n  code.set(pc);\n  code.branch(goOn);', '  code.memory(\'i64.load\', controlMemory, pcSlot.offset);\n  code.op(\'drop\');\n  code.branch(goOn);'],
  ],
  [`${wasm}/jump-lookup.ts`]: [
    ['return-not-compared', "  code.op('i64.extend_i32_u', 'i64.eq');\n  code.if();", "  code.op('i64.extend_i32_u', 'i64.eq', 'drop');\n  code.get(depth);\n  code.if();"],
  ],
  [`${wasm}/region/block-emitter.ts`]: [
    ['exceptions-as-the-block-before-left-them', 'slot === this.#exceptions ? undefined : this.#context.before.get(slot)', 'this.#context.before.get(slot)'],
    ['written-before-not-read', '    if (written) written();\n    else this.code.get', '    if (written) this.code.get(this.#context.slot(slot));\n    else this.code.get'],
  ],
  [`${wasm}/region/short-arms.ts`]: [
    ['calls-are-chosen', '    ends[block]!.returnsTo === undefined &&\n', ''],
    ['arm-skipped-by-the-opposite', 'return { block: otherwise!, to: taken!, skippedWhen: true };', 'return { block: otherwise!, to: taken!, skippedWhen: false };'],
  ],
  [`${wasm}/region/region-compiler.ts`]: [
    ['skipped-arm-counted', 'this.#frame.countUnless(condition, arm.skippedWhen, ending.retired, instructions.length);', 'this.#frame.count(ending.retired + instructions.length);'],
    ['arm-taken-always', 'for (const value of arm.skippedWhen ? [before, push] : [push, before]) value();', 'for (const value of [push, push]) value();'],
    ['first-guess-taken-always', '          frame.ifPcIs(guess.address);', '          this.#code.i32(1);\n          this.#code.if();'],
  ],
  [`${wasm}/region/unrolled-loops.ts`]: [
    ['ways-out-of-a-round-stay', 'outside: frame.number }', 'outside: numbers[round]! }'],
  ],
  [`${wasm}/cache/target-samples.ts`]: [
    ['samples-not-guessed', 'site.guesses = [...site.guesses, ...fresh].slice(0, maxGuesses);', 'site.guesses = [];'],
  ],
  [`${wasm}/region/flow-graph.ts`]: [
    ['retreating-not-counted', 'else if (++waysIn[to]! > 1) merges.add(to);', 'else if (++waysIn[to]! > 2) merges.add(to);'],
  ],
});

export const codeGeneration = [...lowering, ...quickFloat, ...engine];
