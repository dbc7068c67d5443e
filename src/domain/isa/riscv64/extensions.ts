import type { Row } from '../instruction.ts';
import { rv64a } from './rv64a.ts';
import { rv64c } from './rv64c.ts';
import { rv64cd } from './rv64cd.ts';
import { rv64d } from './rv64d.ts';
import { rv64f } from './rv64f.ts';
import { rv64i } from './rv64i.ts';
import { rv64m } from './rv64m.ts';
import { zba } from './zba.ts';
import { zbb } from './zbb.ts';
import { zbs } from './zbs.ts';
import { zicond } from './zicond.ts';
import { zicsr } from './zicsr.ts';
import { zifencei } from './zifencei.ts';

/** The rows of each extension, by the name of its file. */
export const extensions: ReadonlyMap<string, readonly Row[]> = new Map<string, readonly Row[]>([
  ['rv64i', rv64i],
  ['rv64m', rv64m],
  ['rv64a', rv64a],
  ['rv64f', rv64f],
  ['rv64d', rv64d],
  ['zicsr', zicsr],
  ['zifencei', zifencei],
  ['zba', zba],
  ['zbb', zbb],
  ['zbs', zbs],
  ['zicond', zicond],
  ['rv64c', rv64c],
  ['rv64cd', rv64cd],
]);
