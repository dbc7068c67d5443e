import { fileURLToPath } from 'node:url';
import { qemuUserOracle } from '../../src/infrastructure/oracle/qemu-user/qemu-user-oracle.ts';
import { describeOracle, type KnownDifference } from './oracle-suite.ts';

const runner = fileURLToPath(new URL('../guests/bin/instruction-runner', import.meta.url));
const oracle = qemuUserOracle(runner);

const known: readonly KnownDifference[] = [
  {
    row: /^ctzw$/,
    why: 'qemu 7.2 counts on into the high word where the low word is zero; the manual gives 32 (unpriv 28.5 ctzw)',
    example: {
      code: Uint8Array.from([0x9b, 0x12, 0x13, 0x60]), // ctzw t0, t1
      state: new Map([
        ['x6', 1n << 63n],
        ['pc', oracle.codeAddress],
      ]),
      memory: new Uint8Array(oracle.memorySize),
    },
    applies: (ours, theirs) =>
      [...theirs.state].every(
        ([slot, value]) =>
          (ours.state.get(slot) ?? 0n) === value || (ours.state.get(slot) === 32n && value > 32n),
      ),
  },
];

describeOracle(oracle, known, 'qemu-riscv64 7');
