import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { assemble } from '../../../src/domain/isa/assembler.ts';
import { riscv64 } from '../../../src/domain/isa/riscv64/riscv64.ts';
import { goldenEngine } from '../../../src/infrastructure/engine/golden/golden-engine.ts';
import { type CaseLine, parseCases } from '../../../src/application/verification/case-line.ts';
import { codeAddress } from '../../../src/application/verification/world.ts';
import { wasmModes } from '../../engine-modes.ts';
import { caseRunner } from '../conformance-runner.ts';

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => name.endsWith('.cases'));
const cases = files.flatMap((name) => parseCases(name, readFileSync(join(folder, name), 'utf8')));
const engines = [['golden', goldenEngine], ...wasmModes] as const;

const decodedName = (each: CaseLine): string => {
  const decoded = riscv64.decode(each.bytes);
  return typeof decoded === 'string' ? decoded : decoded.name;
};
const addressOf = (each: CaseLine): bigint => each.before.slots.get('pc') ?? codeAddress;

describe.each(engines)('the %s engine', (_, engine) => {
  test.each(files)('does what %s says', (file) => {
    const run = caseRunner(engine);
    const failures = cases
      .filter(({ place }) => place.startsWith(`${file}:`))
      .map((each) => ({ place: each.place, text: each.text, faults: run(each) }))
      .filter(({ faults }) => faults.length > 0);
    expect(failures).toEqual([]);
  });
});

test('every case decodes, and disassembles to its text', () => {
  const wrong = cases.flatMap((each) => {
    const decoded = riscv64.decode(each.bytes);
    const text = typeof decoded === 'string' ? decoded : riscv64.disassemble(decoded, addressOf(each));
    return text === each.text ? [] : [{ place: each.place, text, expected: each.text }];
  });
  expect(wrong).toEqual([]);
});

test('every case encodes back to its bytes, from fields and from text', () => {
  const wrong = cases.flatMap((each) => {
    const decoded = riscv64.decode(each.bytes);
    if (typeof decoded === 'string') return [];
    const encoded = riscv64.encode(decoded.name, decoded.fields);
    const assembled = assemble(each.text, { isa: riscv64, origin: addressOf(each) });
    const same =
      encoded.ok &&
      BigInt(encoded.value.bits) === decoded.bits &&
      assembled.ok &&
      Buffer.from(assembled.value.bytes).equals(each.bytes);
    return same ? [] : [{ place: each.place, text: each.text, encoded, assembled }];
  });
  expect(wrong).toEqual([]);
});

test('every row has a case', () => {
  const covered = new Set(cases.map(decodedName));
  expect(riscv64.rows.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
});
