import { describe, expect, test } from '@jest/globals';
import type { DomainEvent } from './event.ts';
import { count, optional, readEvent, type Schemas, text, type Upcasters } from './event-schema.ts';

type Measured = DomainEvent<
  'Measured',
  3,
  { readonly value: number; readonly unit: string; readonly by?: string }
>;

const schemas: Schemas<'Measured'> = {
  Measured: { version: 3, fields: { value: count, unit: text, by: optional(text) } },
};
/** Version 1 had metres only; version 2 named the unit `measure`. */
const upcasters: Upcasters = {
  'Measured@1': (data) => ({ ...(data as object), measure: 'metre' }),
  'Measured@2': (data) => {
    const { measure, ...rest } = data as { measure?: unknown };
    return { ...rest, unit: measure };
  },
};
const read = (version: number, data: unknown, type = 'Measured') =>
  readEvent<Measured>({ type, version, data }, schemas, upcasters);

describe('reading a stored event', () => {
  test('takes the present version as it is', () => {
    const data = { value: 1, unit: 'inch', by: 'hand' };
    expect(read(3, data)).toEqual({ ok: true, value: { type: 'Measured', version: 3, data } });
  });

  test('upcasts older versions one step at a time', () => {
    const value = { type: 'Measured', version: 3, data: { value: 7, unit: 'metre' } };
    expect(read(1, { value: 7 })).toEqual({ ok: true, value });
    expect(read(2, { value: 7, measure: 'metre' })).toEqual({ ok: true, value });
  });

  test('leaves what was stored as it was', () => {
    const stored = Object.freeze({ value: 7 });
    read(1, stored);
    expect(stored).toEqual({ value: 7 });
  });

  test.each([
    [4, { value: 1, unit: 'inch' }, 'Measured version 4 was written by a newer Isochron; this one reads 3'],
    [0, { value: 1 }, 'Measured version 0 is not known'],
    [3, { value: -1, unit: 'inch' }, 'Measured has a malformed "value"'],
    [3, { value: 1 }, 'Measured has a malformed "unit"'],
    [2, { value: 1 }, 'Measured has a malformed "unit"'],
    [3, null, 'Measured carries no data'],
    [3, [], 'Measured carries no data'],
  ])('refuses version %d with %j', (version, data, error) => {
    expect(read(version, data)).toEqual({ ok: false, error });
  });

  test('refuses a type that it does not know, whatever its name', () => {
    expect(read(1, {}, 'toString')).toEqual({ ok: false, error: 'unknown event type "toString"' });
  });
});
