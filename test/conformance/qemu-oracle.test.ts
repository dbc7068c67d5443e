import { expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { unaskable } from '../../src/application/verification/oracle-samples.ts';
import { riscv64 } from '../../src/domain/isa/riscv64/riscv64.ts';
import { qemuUserOracle } from '../../src/infrastructure/oracle/qemu-user/qemu-user-oracle.ts';
import { describeOracle } from './oracle-suite.ts';

const runner = fileURLToPath(new URL('../guests/bin/instruction-runner', import.meta.url));
const oracle = qemuUserOracle(runner);
describeOracle(oracle);

test('qemu can be asked about every row where continuous integration runs', () => {
  const unasked = oracle.absent ?? unaskable(riscv64, oracle).map(({ name }) => name);
  if (unasked.length > 0)
    console.log(`skipped: ${oracle.name} cannot be asked about ${String(unasked)}; qemu 8.1 or newer can`);
  if (process.env['CI'] !== undefined) expect(unasked).toEqual([]);
  expect(unasked).not.toContain('add');
});
