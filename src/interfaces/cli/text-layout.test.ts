import { describe, expect, test } from '@jest/globals';
import { toJson } from './json.ts';
import { wrap } from './manual.ts';
import { editDistance, nearest } from './nearest.ts';
import { endReason, endText, signalName } from './status-text.ts';
import { bytesText, columns, hexDump, plural, quantity, sideBySide } from './tables.ts';

describe('tables', () => {
  test('align every column but the last', () => {
    expect(columns([['a', 'bb', 'c'], ['ddd', 'e'], ['f']])).toBe('a    bb  c\nddd  e\nf\n');
  });

  test('put blocks next to each other', () => {
    const blocks = [
      { title: 'A', text: 'one\ntwo' },
      { title: 'Bcd', text: 'x' },
    ];
    expect(sideBySide(blocks, 1)).toBe('A   Bcd\n-   ---\none x\ntwo\n');
  });

  test('dump sixteen bytes a line, printable ones also as text', () => {
    const bytes = Uint8Array.from({ length: 17 }, (_, index) => 0x3a + index * 5);
    expect(hexDump(bytes, 0x1000n)).toBe(
      '0000000000001000  3a 3f 44 49 4e 53 58 5d  62 67 6c 71 76 7b 80 85   |:?DINSX]bglqv{..|\n' +
        '0000000000001010  8a                                                 |.|\n',
    );
  });

  test('write numbers for people', () => {
    expect([999, 1000, 1_234_567, 2.5e9].map(quantity)).toEqual(['999', '1.00 k', '1.23 M', '2.50 G']);
    expect([1023, 1024, 5 * 2 ** 20, 2 ** 32].map(bytesText)).toEqual([
      '1023 bytes',
      '1.00 KiB',
      '5.00 MiB',
      '4.00 GiB',
    ]);
    expect([plural(1, 'event'), plural(2000, 'event'), plural(0, 'request')]).toEqual([
      '1 event',
      '2,000 events',
      '0 requests',
    ]);
  });

  test('wrap text to a width, and never lose a long word', () => {
    expect(wrap('one two three', 10, 2)).toEqual(['  one two', '  three']);
    expect(wrap('a verylongwordindeed b', 8, 0)).toEqual(['a', 'verylongwordindeed', 'b']);
  });
});

describe('JSON', () => {
  test('writes big integers, bytes and maps so that other programs read them', () => {
    const value = { big: 255n, bytes: Uint8Array.of(1, 255), map: new Map([['x1', 2n]]), none: undefined };
    expect(toJson(value)).toBe('{"big":"0xff","bytes":"01ff","map":{"x1":"0x2"}}\n');
  });
});

describe('the nearest word', () => {
  test('counts insertions, deletions, replacements and swaps', () => {
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('rpelay', 'replay')).toBe(1);
  });

  test('is given only when it is near', () => {
    expect(nearest('rcord', ['record', 'replay'])).toBe('record');
    expect(nearest('rec', ['record', 'replay'])).toBe('record');
    expect(nearest('xyzzy', ['record', 'replay'])).toBeUndefined();
    expect(nearest('a', [])).toBeUndefined();
  });
});

describe('how a run ended', () => {
  test('is told in words', () => {
    expect(endText({ kind: 'exited', code: 3 })).toBe('exited with 3');
    expect(endReason({ kind: 'killed', signal: 11, reason: 'a load' })).toBe('killed by SIGSEGV: a load');
    expect(endReason({ kind: 'deadlocked', reason: 'nobody writes' })).toBe('deadlocked: nobody writes');
    expect(endText({ kind: 'stopped', reason: 'instruction-limit' })).toBe(
      'stopped at the instruction limit',
    );
    expect(endText({ kind: 'stopped', reason: 'interrupted' })).toBe('stopped by Ctrl-C');
    expect(endText({ kind: 'cut-off' })).toBe('cut off while recording');
  });

  test('names signals by their RISC-V numbers', () => {
    expect([1, 7, 10, 17, 31].map(signalName)).toEqual(['SIGHUP', 'SIGBUS', 'SIGUSR1', 'SIGCHLD', 'SIGSYS']);
    expect([0, 34, 64].map(signalName)).toEqual(['signal 0', 'signal 34', 'signal 64']);
  });
});
