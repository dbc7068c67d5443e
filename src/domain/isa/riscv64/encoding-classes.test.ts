import { describe, expect, test } from '@jest/globals';
import { encodingClasses } from './encoding-classes.ts';
import { riscv64 } from './riscv64.ts';

const namesOf = (row: string): readonly string[] =>
  encodingClasses(riscv64.row(row)!).map(({ name }) => name);

describe('the classes of a row’s encodings', () => {
  test('are registers at their ends and equal to each other', () => {
    expect(namesOf('sub')).toEqual([
      ...['rs2 = x0', 'rs2 between', 'rs2 = x31', 'rs1 = x0', 'rs1 between', 'rs1 = x31'],
      ...['rd = x0', 'rd between', 'rd = x31'],
      ...['rs2 = rs1', 'rs2 = rd', 'rs1 = rd', 'distinct registers'],
    ]);
  });

  test('are the corners of immediates', () => {
    expect(namesOf('c.j')).toEqual(
      ['lowest', 'negative', '= -2', '= 0', '= 2', 'positive', 'highest'].map((kind) => `simm ${kind}`),
    );
    expect(namesOf('srli')).toEqual(
      expect.arrayContaining(['shamt = 0', 'shamt = 31', 'shamt = 32', 'shamt highest']),
    );
  });

  test('are rounding modes, orderings and control registers', () => {
    const modes = ['rne', 'rtz', 'rdn', 'rup', 'rmm', 'dyn'].map((mode) => `rm ${mode}`);
    expect(namesOf('fsqrt.d')).toEqual(expect.arrayContaining(modes));
    expect(namesOf('lr.w')).toEqual(
      expect.arrayContaining(['aqrl relaxed', 'aqrl rl', 'aqrl aq', 'aqrl aqrl']),
    );
    expect(namesOf('csrrsi')).toEqual(
      expect.arrayContaining(['csr fcsr', 'csr instret', 'csr of other modes', 'csr without a name']),
    );
  });

  test('leave out what the encoding excludes', () => {
    expect(namesOf('c.addi')).not.toContain('rd = x0');
    expect(namesOf('c.lui')).not.toContain('nzsimm = 0');
    expect(namesOf('c.and')).toContain('rdc = x8');
    expect(namesOf('ecall')).toEqual(['the only encoding']);
  });

  test('hold an encoding each, which is in one class of each of its fields', () => {
    for (const row of riscv64.rows) {
      const classes = encodingClasses(row);
      for (const each of classes) {
        expect(each.examples.length).toBeGreaterThan(0);
        for (const example of each.examples)
          expect([row.name, each.name, each.includes(example)]).toContain(true);
      }
      for (const { name } of row.encoding.fields) {
        const [example] = classes.find((each) => each.name.startsWith(`${name} `))!.examples;
        const within = classes.filter(
          (each) =>
            each.name.startsWith(`${name} `) && !each.name.includes(' = r') && !each.name.includes(' = f'),
        );
        expect(within.filter((each) => each.includes(example!)).length).toBeLessThanOrEqual(1);
      }
    }
  });
});
