import { describe, expect, test } from '@jest/globals';
import { command } from './command.ts';
import { count, flag, repeated, text } from './option-values.ts';
import { parseArguments } from './parse-arguments.ts';

const definition = {
  name: 'sample',
  summary: 'a sample',
  operands: [{ name: 'FILE', summary: 'a file', required: true }],
  options: {
    limit: count('N', 'a limit'),
    name: text('NAME', 'a name', { short: 'n' }),
    word: repeated('W', 'words', (word: string) => word.toUpperCase(), { short: 'w' }),
    quiet: flag('say nothing', 'q'),
    verbose: flag('say much', 'v'),
  },
  description: [],
  examples: [],
  run: () => Promise.resolve(0),
} as const;
const sample = command(definition);
const passing = command({
  ...definition,
  operands: [...definition.operands, { name: 'ARG', summary: 'a word', required: false, repeated: true }],
  passThrough: true,
});
const refusal = (...words: string[]) => {
  try {
    parseArguments(sample, words);
  } catch (error) {
    const { name, message, todo } = error as { name: string; message: string; todo: string };
    expect(name).toBe('UsageError');
    return `${message}; ${todo}`;
  }
  throw new Error('it was taken');
};

describe('a command line', () => {
  test('has its options in any order, long and short, and absent ones are empty', () => {
    expect(parseArguments(sample, ['f'])).toEqual({
      options: { limit: undefined, name: undefined, word: [], quiet: false, verbose: false },
      operands: ['f'],
    });
    expect(parseArguments(sample, ['-qv', '--limit=3', 'f', '-n', 'x', '-w', 'a', '--word', 'b'])).toEqual({
      options: { limit: 3, name: 'x', word: ['A', 'B'], quiet: true, verbose: true },
      operands: ['f'],
    });
  });

  test('ends its options at --', () => {
    expect(parseArguments(sample, ['-q', '--', '--limit']).operands).toEqual(['--limit']);
  });

  test('leaves everything after the program to the guest', () => {
    expect(parseArguments(passing, ['-q', 'prog', '-v', '--limit', '--', 'x'])).toMatchObject({
      options: { quiet: true, verbose: false, limit: undefined },
      operands: ['prog', '-v', '--limit', '--', 'x'],
    });
    expect(parseArguments(passing, ['--', '-prog', '-v']).operands).toEqual(['-prog', '-v']);
  });

  test.each([
    [['f', '--limt', '3'], 'unknown option --limt for sample; did you mean --limit?'],
    [['f', '--zzzzzz'], 'unknown option --zzzzzz for sample; see isochron sample --help'],
    [['f', '-x'], 'unknown option -x for sample'],
    [['f', '--quiet=yes'], 'option --quiet takes no value; write --quiet alone'],
    [['f', '--limit'], 'option --limit needs a value; write --limit N'],
    [['f', '--limit', 'many'], '--limit: "many" is not a count'],
    [['f', '--limit', '1', '--limit', '2'], 'option --limit is given twice; give it once'],
    [[], 'sample needs FILE: a file; see isochron sample --help'],
    [['f', 'g'], 'sample does not take "g"'],
  ])('%j is refused with what to write instead', (words, said) => {
    expect(refusal(...words)).toContain(said);
  });

  test('is refused also where an option is named like a property of every object', () => {
    expect(refusal('f', '--constructor')).toContain('unknown option --constructor');
    expect(refusal('f', '--__proto__')).toContain('unknown option --__proto__');
  });
});
