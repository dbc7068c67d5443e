import { fileURLToPath } from 'node:url';
import { qemuUserOracle } from '../../src/infrastructure/oracle/qemu-user/qemu-user-oracle.ts';
import { describeOracle } from './oracle-suite.ts';

const runner = fileURLToPath(new URL('../guests/bin/instruction-runner', import.meta.url));
describeOracle(qemuUserOracle(runner));
