import { basename, resolve } from 'node:path';
import type { RunRequest } from '../../application/isochron.ts';
import type { HostMount, StandardInput } from '../../application/ports/host-factory.ts';
import type { Values } from './command.ts';
import { openImage, readWhole } from './files.ts';
import {
  count,
  parseClock,
  parseGuestPath,
  parseMount,
  parseSize,
  parseVariable,
  repeated,
  single,
  text,
} from './option-values.ts';
import type { Terminal } from './terminal.ts';
import { CommandFailure } from './usage-error.ts';

/** The options of commands that run a program: what it is given of the outside. */
export const guestOptions = {
  mount: repeated(
    'HOST:GUEST[:ro]',
    'let the guest see the host directory HOST at the absolute path GUEST; with :ro, unwritable',
    parseMount,
  ),
  env: repeated(
    'NAME[=VALUE]',
    'set a variable of the guest; without =VALUE to the host’s value, if it has one',
    parseVariable,
    { short: 'e' },
  ),
  stdin: text('closed|inherit|FILE', 'what the guest reads from standard input: nothing, ours, or a file', {
    complete: 'file',
    fallback: 'closed',
  }),
  seed: text('TEXT', 'seeds everything random in the guest', { fallback: '0' }),
  clock: single(
    'TIME|host',
    'the guest’s wall clock at its first instruction: an ISO time, or host for the time now',
    parseClock,
    {
      fallback: '2026-01-01T00:00:00Z',
    },
  ),
  'max-instructions': count('N', 'stop when exactly N instructions have retired'),
  memory: single('SIZE', 'bytes of guest address space, up to 4G', parseSize, { fallback: '4G' }),
  cwd: single('DIR', 'the guest’s working directory, an absolute guest path', parseGuestPath, {
    fallback: '/',
  }),
} as const;

type GuestValues = Values<typeof guestOptions> & { readonly engine: string | undefined };

/** What is wrong with a program says also which one. */
export function namingProgram(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error.name !== 'ElfError' || !('code' in error)) return error;
  return new CommandFailure(String(error.code), `cannot run ${file}`, error.message, '', error);
}

/** What to run: the program and arguments that the operands name, in the surroundings that the options give it. */
export function guestRequest(
  given: GuestValues,
  operands: readonly string[],
  terminal: Terminal,
): RunRequest {
  const [file, ...guestArguments] = operands;
  const path = resolve(terminal.workingDirectory, file!);
  return {
    program: openImage(path),
    programPath: `/bin/${basename(path)}`,
    arguments: guestArguments,
    environment: environmentOf(given.env, terminal),
    workingDirectory: given.cwd,
    mounts: given.mount.map((mount): HostMount => ({
      ...mount,
      host: resolve(terminal.workingDirectory, mount.host),
    })),
    stdin: inputOf(given.stdin, terminal),
    seed: given.seed,
    epoch: given.clock,
    memorySize: given.memory,
    engine: given.engine,
    maxInstructions: given['max-instructions'],
  };
}

const environmentOf = (
  variables: readonly { readonly name: string; readonly value: string | undefined }[],
  terminal: Terminal,
): Record<string, string> =>
  Object.fromEntries(
    variables.flatMap(({ name, value = terminal.environment[name] }) =>
      value === undefined ? [] : [[name, value]],
    ),
  );

function inputOf(given: string | undefined, terminal: Terminal): StandardInput {
  if (given === undefined || given === 'closed') return 'closed';
  return given === 'inherit' ? 'inherit' : readWhole(resolve(terminal.workingDirectory, given));
}
