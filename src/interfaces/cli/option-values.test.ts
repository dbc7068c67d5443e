import { describe, expect, test } from '@jest/globals';
import {
  choice,
  parseAddress,
  parseClock,
  parseCount,
  parseGuestPath,
  parseMount,
  parseRange,
  parseSize,
  parseVariable,
} from './option-values.ts';
import { UsageError } from './usage-error.ts';

describe('counts', () => {
  test.each([
    ['0', 0],
    ['1_000_000', 1e6],
    ['250k', 250_000],
    ['16M', 16e6],
    ['2G', 2e9],
    ['1.5M', 1_500_000],
    ['0x100', 256],
    ['2^24', 2 ** 24],
    ['1e9', 1e9],
  ])('%s is %d', (word, value) => expect(parseCount(word)).toBe(value));

  test.each(['', '-1', '1.5', 'ten', '0x', '2^60', '1e99', '16m', '99999999999999999'])(
    '%j is none',
    (word) => expect(() => parseCount(word)).toThrow(UsageError),
  );
});

describe('sizes', () => {
  test.each([
    ['65536', 65536],
    ['64K', 65536],
    ['512MiB', 2 ** 29],
    ['4g', 2 ** 32],
    ['1kb', 1024],
  ])('%s is %d', (word, value) => expect(parseSize(word)).toBe(value));

  test.each(['', '1.5G', '-4K', '3x', 'M'])('%j is none', (word) =>
    expect(() => parseSize(word)).toThrow('is not a size'),
  );
});

describe('addresses and ranges', () => {
  test('are hexadecimal or decimal', () => {
    expect(parseAddress('0x1_0000')).toBe(65536n);
    expect(parseAddress('65536')).toBe(65536n);
    expect(parseAddress('0xffffffffffffffff')).toBe(2n ** 64n - 1n);
    expect(parseRange('0x10')).toEqual({ address: 16n, length: 64 });
    expect(parseRange('0x10:0x20')).toEqual({ address: 16n, length: 32 });
    expect(parseRange('16:4K')).toEqual({ address: 16n, length: 4096 });
  });

  test.each(['', 'main', '-1', '0x', '0x10000000000000000', '10:', '10:x'])('%j is none', (word) =>
    expect(() => parseRange(word)).toThrow(UsageError),
  );
});

describe('mounts, variables, times, paths', () => {
  test('a mount may be read-only, and its host path may have a colon', () => {
    expect(parseMount('a:/b')).toEqual({ host: 'a', guest: '/b', readOnly: false });
    expect(parseMount('a:/b:rw')).toEqual({ host: 'a', guest: '/b', readOnly: false });
    expect(parseMount('a:/b:ro')).toEqual({ host: 'a', guest: '/b', readOnly: true });
    expect(parseMount('c:d:/b:ro')).toEqual({ host: 'c:d', guest: '/b', readOnly: true });
    for (const word of ['a', 'a:b', ':/b', 'a:/b:rx'])
      expect(() => parseMount(word)).toThrow('is not a mount');
  });

  test('a variable without a value takes the host’s', () => {
    expect(parseVariable('A=1=2')).toEqual({ name: 'A', value: '1=2' });
    expect(parseVariable('A=')).toEqual({ name: 'A', value: '' });
    expect(parseVariable('A')).toEqual({ name: 'A', value: undefined });
    expect(() => parseVariable('=1')).toThrow('names no variable');
  });

  test('a clock is an ISO time, or the host’s', () => {
    expect(parseClock('2026-01-01T00:00:00Z')).toBe('1767225600000000000');
    expect(Math.abs(Number(BigInt(parseClock('host')) / 1_000_000n) - Date.now())).toBeLessThan(10_000);
    for (const word of ['', 'noon', '1969-01-01']) expect(() => parseClock(word)).toThrow('is not a time');
  });

  test('a guest path is absolute', () => {
    expect(parseGuestPath('/a')).toBe('/a');
    expect(() => parseGuestPath('a')).toThrow('is not absolute');
  });

  test('a choice suggests the nearest', () => {
    const { parse } = choice('X', ['alpha', 'beta'], '');
    expect(parse('beta')).toBe('beta');
    expect(() => parse('betta')).toThrow(expect.objectContaining({ todo: 'did you mean beta?' }));
    expect(() => parse('gamma-ray')).toThrow(expect.objectContaining({ todo: 'give one of alpha, beta' }));
  });
});
