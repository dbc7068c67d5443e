import { parseArgs } from 'node:util';
import type { AnyCommand, Options, Values } from './command.ts';
import { nearest } from './nearest.ts';
import { UsageError } from './usage-error.ts';

export interface ParsedArguments {
  readonly options: Values<Options>;
  readonly operands: readonly string[];
}

/** Where more is said, as the end of a usage error. */
export const seeHelp = (command: AnyCommand): string => `see isochron ${command.name} --help`;

/**
 * Reads a command's words by its description. `--` ends the options; in a `passThrough` command so does the first
 * operand, and everything after it is left as it is. Throws UsageError.
 */
export function parseArguments(command: AnyCommand, words: readonly string[]): ParsedArguments {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(command.options).map(([name, option]) => [
        name,
        {
          type: option.kind === 'flag' ? ('boolean' as const) : ('string' as const),
          multiple: true,
          ...(option.short === undefined ? {} : { short: option.short }),
        },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(command.options))
    values[name] = option.kind === 'flag' ? false : option.kind === 'repeated' ? [] : undefined;
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option') readOption(command, token, values);
    else if (command.passThrough && (token.kind === 'positional' || token.kind === 'option-terminator')) {
      operands.push(...words.slice(token.kind === 'positional' ? token.index : token.index + 1));
      break;
    } else if (token.kind === 'positional') operands.push(token.value);
  }
  checkOperands(command, operands);
  return { options: values as Values<Options>, operands };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
}

function readOption(command: AnyCommand, token: OptionToken, values: Record<string, unknown>): void {
  const option = Object.hasOwn(command.options, token.name) ? command.options[token.name] : undefined;
  if (option === undefined) {
    const near = nearest(token.name, [...Object.keys(command.options), 'help']);
    throw new UsageError(
      `unknown option ${token.rawName} for ${command.name}`,
      near === undefined ? seeHelp(command) : `did you mean --${near}? (${seeHelp(command)})`,
    );
  }
  if (option.kind === 'flag') {
    if (token.value !== undefined)
      throw new UsageError(`option ${token.rawName} takes no value`, `write ${token.rawName} alone`);
    values[token.name] = true;
    return;
  }
  if (token.value === undefined)
    throw new UsageError(
      `option ${token.rawName} needs a value`,
      `write ${token.rawName} ${option.placeholder}`,
    );
  const value = parseValue(token, () => option.parse(token.value!));
  if (option.kind === 'repeated') (values[token.name] as unknown[]).push(value);
  else if (values[token.name] === undefined) values[token.name] = value;
  else throw new UsageError(`option ${token.rawName} is given twice`, 'give it once');
}

function parseValue(token: OptionToken, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${token.rawName}: ${error.message}`, error.todo);
    throw error;
  }
}

function checkOperands(command: AnyCommand, operands: readonly string[]): void {
  const required = command.operands.filter((operand) => operand.required);
  const missing = required[operands.length];
  if (missing !== undefined)
    throw new UsageError(`${command.name} needs ${missing.name}: ${missing.summary}`, seeHelp(command));
  const unlimited = command.operands.some((operand) => operand.repeated);
  if (!unlimited && operands.length > command.operands.length)
    throw new UsageError(
      `${command.name} does not take ${JSON.stringify(operands[command.operands.length])}`,
      seeHelp(command),
    );
}
