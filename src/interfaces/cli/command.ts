import type { Isochron, Runner } from '../../application/isochron.ts';
import type { CodeView } from '../../application/ports/code-view.ts';
import type { Terminal } from './terminal.ts';

/** What a shell can offer in place of a word. */
export type Completion = 'file' | 'directory' | 'recording' | 'engine' | readonly string[];

interface OptionBase {
  /** One sentence without a full stop; the manual and the completion scripts print it. */
  readonly summary: string;
  readonly short?: string;
}

/** An option without a value. */
export interface Flag extends OptionBase {
  readonly kind: 'flag';
}

/** An option with a value; `parse` gives it or throws UsageError. */
export interface Single<T> extends OptionBase {
  readonly kind: 'single';
  readonly placeholder: string;
  readonly complete?: Completion;
  /** How the manual states the default. */
  readonly fallback?: string;
  parse(text: string): T;
}

/** An option with a value that may be given several times. */
export interface Repeated<T> extends Omit<Single<T>, 'kind'> {
  readonly kind: 'repeated';
}

export type Option = Flag | Single<unknown> | Repeated<unknown>;
export type Options = Readonly<Record<string, Option>>;

/** The values of a command's options: a flag is a boolean, a single option may be absent, a repeated one is a list. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Flag
    ? boolean
    : O[K] extends Single<infer T>
      ? T | undefined
      : O[K] extends Repeated<infer T>
        ? readonly T[]
        : never;
};

export interface Operand {
  /** Upper case, as the synopsis prints it. */
  readonly name: string;
  readonly summary: string;
  readonly required: boolean;
  readonly repeated?: boolean;
  readonly complete?: Completion;
}

/** `none`: a store that leaves nothing behind; `at`: the store in that directory or at that URL. */
export type ChosenStore = 'none' | { readonly at: string };

/** What a command is given: its parsed words and the world it may touch. */
export interface Invocation<O extends Options> {
  readonly options: Values<O>;
  readonly operands: readonly string[];
  readonly terminal: Terminal;
  /** The whole command table. */
  allCommands(): Promise<readonly AnyCommand[]>;
  /** The use cases over a store; default: the one that the command line chose. */
  open(store?: ChosenStore): Promise<Isochron>;
  /** As that, for what only runs programs: less is loaded. */
  openRunner(store?: ChosenStore): Promise<Runner>;
  /** How an engine shows the code it makes; undefined where none can. */
  codeView(): Promise<CodeView | undefined>;
}

export interface Example {
  readonly command: string;
  readonly says: string;
}

/**
 * One command. This description is the only place that names its options: parsing, `--help`, completion scripts
 * and docs/reference/cli.md all derive from it.
 */
export interface Command<O extends Options = Options> {
  /** One word, or several for a member of a group (`recordings show`). */
  readonly name: string;
  readonly summary: string;
  readonly operands: readonly Operand[];
  /** Words after the first operand belong to the guest, whatever they look like. */
  readonly passThrough?: boolean;
  readonly options: O;
  /** Paragraphs. */
  readonly description: readonly string[];
  /** Exit statuses beyond those that every command has. */
  readonly exitStatuses?: readonly (readonly [status: string, meaning: string])[];
  readonly examples: readonly Example[];
  /** Does the work; gives the exit status. */
  run(invocation: Invocation<O>): Promise<number>;
}

/** A command as the table holds it, with its option types forgotten. */
export type AnyCommand = Omit<Command, 'run'> & { run(invocation: Invocation<Options>): Promise<number> };

/** Checks a command's parts against each other and forgets its option types. */
export const command = <const O extends Options>(definition: Command<O>): AnyCommand =>
  definition as unknown as AnyCommand;
