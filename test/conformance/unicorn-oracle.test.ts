import { unicornOracle } from '../../src/infrastructure/oracle/unicorn/unicorn-oracle.ts';
import { describeOracle } from './oracle-suite.ts';

describeOracle(unicornOracle());
