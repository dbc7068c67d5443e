import { describe, expect, test } from '@jest/globals';
import { countOfInstant, instantAddress, parseInstant } from './instant.ts';

describe('the address of an instant', () => {
  test('is read as it is written', () => {
    expect(instantAddress('first', 12)).toBe('first/main/12');
    expect(parseInstant('first/main/12')).toEqual({ recording: 'first', icount: '12' });
    expect(countOfInstant('first/main/12', 'first')).toBe(12);
    expect(countOfInstant('12', 'first')).toBe(12);
    expect(instantAddress('first/other', 12)).toBe('first/other/12');
    expect(instantAddress('first/main', 12)).toBe('first/main/12');
    expect(parseInstant('first/other/12')).toEqual({ recording: 'first/other', icount: '12' });
    expect(countOfInstant('first/other/12', 'first/other')).toBe(12);
    expect(countOfInstant('first/main/12', 'first/main')).toBe(12);
  });

  test.each([
    '',
    'first/12',
    '/main/12',
    'first/main/',
    'first/other/12',
    'first/main/12/3',
    'second/main/1',
    'x',
    '-1',
  ])('%j is refused', (text) => {
    expect(() => countOfInstant(text, 'first')).toThrow(expect.objectContaining({ code: 'invalid-request' }));
  });
});
