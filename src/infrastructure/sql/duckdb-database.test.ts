import { describe, expect, test } from '@jest/globals';
import { openDuckDb } from './duckdb-database.ts';

describe('DuckDB', () => {
  test('says how to install it where it is not', async () => {
    const absent = () => Promise.reject(Object.assign(new Error('absent'), { code: 'ERR_MODULE_NOT_FOUND' }));
    await expect(openDuckDb('/tmp', absent)).rejects.toMatchObject({
      code: 'sql-unavailable',
      message: expect.stringMatching(/is not installed; `npm install @duckdb\/node-api`/),
    });
    const broken = () => Promise.reject(new Error('GLIBC_9.99 not found'));
    await expect(openDuckDb('/tmp', broken)).rejects.toThrow('DuckDB cannot be loaded: GLIBC_9.99 not found');
  });

  test('gives values as they are, unsigned ones as bigints, and what has no form as text', async () => {
    const database = await openDuckDb('/tmp');
    const { columns, rows } = await database.query(
      `SELECT 7::UBIGINT u, 7::BIGINT i, 2::HUGEINT ** 80 h, true b, 'x' t, '\\xAA'::BLOB d, [1, 2] l, NULL n, 1.5::DOUBLE f`,
    );
    expect(columns).toEqual(['u', 'i', 'h', 'b', 't', 'd', 'l', 'n', 'f']);
    const found = [];
    for await (const portion of rows) found.push(...portion);
    database.close();
    expect(found).toEqual([[7n, 7, 2 ** 80, true, 'x', Uint8Array.of(0xaa), '[1, 2]', null, 1.5]]);
  });
});
