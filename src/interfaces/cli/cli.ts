import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Isochron, Runner } from '../../application/isochron.ts';
import type { CodeView } from '../../application/ports/code-view.ts';
import { packageRoot } from '../../package-root.ts';
import type { AnyCommand, ChosenStore, Invocation, Options } from './command.ts';
import { replay } from './commands/replay.ts';
import { run } from './commands/run.ts';
import { reportError } from './error-line.ts';
import { exitStatus } from './exit-status.ts';
import { printManual, printOverview } from './manual.ts';
import { nearest } from './nearest.ts';
import { parseArguments } from './parse-arguments.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** What the interface needs from the composition root. */
export interface Composition {
  /** Nothing given: a store in memory. */
  openIsochron(options: StoreLocation): Promise<Isochron>;
  /** As that, for what only runs programs. */
  openRunner(options: StoreLocation): Promise<Runner>;
  /** Absent while no engine can show its code. */
  openCodeView?(): Promise<CodeView>;
}

/** A store: a directory, or a server's URL and the directory for what stays on this machine. */
export interface StoreLocation {
  readonly directory?: string | undefined;
  readonly server?: string | undefined;
}

/** Runs one command line (without `node` and the script); gives the exit status. Never throws. */
export async function runCli(
  words: readonly string[],
  terminal: Terminal,
  composition: Composition,
): Promise<number> {
  const opened: Runner[] = [];
  let status: number;
  try {
    status = await dispatch(words, terminal, composition, (isochron) => opened.push(isochron));
  } catch (error) {
    const interrupted = terminal.interruption.aborted && isAbort(error);
    const report = interrupted
      ? { status: exitStatus.interrupted, line: 'isochron: interrupted' }
      : reportError(error);
    status = report.status;
    if (report.line !== undefined) complain(terminal, report.line, error);
  }
  try {
    for (const isochron of opened) await isochron.close();
  } catch (error) {
    const { line } = reportError(error);
    complain(terminal, line ?? 'isochron: the store did not close', error);
    return status === 0 ? exitStatus.failure : status;
  }
  return status;
}

/** A DOMException is an Error only since recent versions of Node; its name says enough. */
const isAbort = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';

function complain(terminal: Terminal, line: string, error: unknown): void {
  const others = error instanceof Error && 'others' in error ? String(error.others) : '';
  try {
    terminal.write('stderr', `${line}${others}\n`);
    if (terminal.environment['ISOCHRON_DEBUG'] && error instanceof Error)
      terminal.write('stderr', `${error.stack ?? error.message}\n`);
  } catch {
    // Standard error is closed as well: the exit status is all that is left to say it.
  }
}

async function dispatch(
  words: readonly string[],
  terminal: Terminal,
  composition: Composition,
  onOpen: (runner: Runner) => unknown,
): Promise<number> {
  const bold = (text: string) => terminal.styled('stdout', 'bold', text);
  const [first] = words;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    const asked = first === 'help' && words.length > 1 ? await findCommand(words.slice(1)) : undefined;
    const page = asked
      ? printManual(asked.command, terminal.columns, bold)
      : printOverview(await allCommands(), bold);
    terminal.write(first === undefined ? 'stderr' : 'stdout', page);
    return first === undefined ? exitStatus.usage : exitStatus.success;
  }
  if (first === '--version') {
    terminal.write('stdout', `isochron ${version()}\n`);
    return exitStatus.success;
  }
  const { command, rest } = await findCommand(words);
  if (asksForHelp(command, rest)) {
    terminal.write('stdout', printManual(command, terminal.columns, bold));
    return exitStatus.success;
  }
  const { options, operands } = parseArguments(command, rest);
  const locationOf = (store?: ChosenStore): StoreLocation =>
    store === 'none' ? {} : storeLocation(store?.at ?? options['store'], terminal);
  const opening = async <T extends Runner>(whole: Promise<T>): Promise<T> => {
    const opened = await whole;
    onOpen(opened);
    for (const { where, what, lost } of opened.damage)
      terminal.write('stderr', `isochron: damaged store: ${where}: ${what}; lost: ${lost}\n`);
    return opened;
  };
  const invocation: Invocation<Options> = {
    options,
    operands,
    terminal,
    allCommands,
    open: (store) => opening(composition.openIsochron(locationOf(store))),
    openRunner: (store) => opening(composition.openRunner(locationOf(store))),
    codeView: () => composition.openCodeView?.() ?? Promise.resolve(undefined),
  };
  return command.run(invocation);
}

const isUrl = (text: string): boolean => /^[a-z][a-z0-9+]*:\/\//.test(text);

const storeLocation = (given: unknown, terminal: Terminal): StoreLocation => {
  const home = terminal.environment['ISOCHRON_HOME'] || '.isochron';
  const chosen = typeof given === 'string' ? given : home;
  const directory = isUrl(chosen) ? (isUrl(home) ? '.isochron' : home) : chosen;
  return {
    directory: resolve(terminal.workingDirectory, directory),
    server: isUrl(chosen) ? chosen : undefined,
  };
};

/** `--help` or `-h` before whatever belongs to a guest. */
function asksForHelp(command: AnyCommand, rest: readonly string[]): boolean {
  for (const word of rest) {
    if (word === '--help' || word === '-h') return true;
    if (word === '--' || (command.passThrough && !word.startsWith('-'))) return false;
  }
  return false;
}

const allCommands = async () => (await import('./command-table.ts')).commands;

interface FoundCommand {
  readonly command: AnyCommand;
  readonly rest: readonly string[];
}

/** The command that the words begin with, by its longest name, and the words after it. */
async function findCommand(words: readonly string[]): Promise<FoundCommand> {
  // The shortest processes are of these commands: they are found without the others being loaded.
  for (const command of [run, replay])
    if (words[0] === command.name) return { command, rest: words.slice(1) };
  const commands = await allCommands();
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = commands.find((candidate) => candidate.name === name);
    if (command) return { command, rest: words.slice(length) };
  }
  const [head, member] = words;
  const group = commands.filter(({ name }) => name.startsWith(`${head} `));
  const list = group.find(({ name }) => name === `${head} list`);
  if (list && (member === undefined || member.startsWith('-')))
    return { command: list, rest: words.slice(1) };
  const given = group.length > 0 ? `${head} ${member}` : head!;
  const near = nearest(
    given,
    (group.length > 0 ? group : commands).map(({ name }) => name),
  );
  throw new UsageError(
    `unknown command ${JSON.stringify(given)}`,
    near === undefined ? 'see isochron --help' : `did you mean ${near}? (see isochron --help)`,
  );
}

function version(): string {
  const text = readFileSync(new URL('package.json', packageRoot), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
