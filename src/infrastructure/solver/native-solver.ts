import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import {
  type Solver,
  SolverFault,
  type SolverQuery,
  type SolverVerdict,
} from '../../application/ports/solver.ts';
import { endMark, requestOf, unknown, valueRequest, valuesOf, verdictOf } from './smt-lib-answers.ts';

/** The solvers that we know how to start, the first preferred. */
const commands = [
  { command: 'z3', args: ['-in', '-smt2'], version: /Z3 version ([\d.]+)/ },
  {
    command: 'cvc5',
    args: ['--lang=smt2', '--incremental', '--produce-models'],
    version: /cvc5 version ([\d.]+)/,
  },
] as const;

/** The z3 or cvc5 that is installed on this machine, or the one of that name; undefined when none is. */
export function findNativeSolver(wanted?: string): Solver | undefined {
  for (const { command, args, version } of commands) {
    if (wanted !== undefined && command !== wanted) continue;
    const { stdout, status } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    const found = status === 0 ? version.exec(stdout)?.[1] : undefined;
    if (found !== undefined) return new NativeSolver(`${command} ${found}`, command, args);
  }
  return undefined;
}

/**
 * A solver in a child process, which is asked one question after the other. When time runs out, when it gives up or
 * fails, the process is ended, and the next question goes to a new one.
 */
class NativeSolver implements Solver {
  readonly name: string;
  readonly #command: string;
  readonly #args: readonly string[];
  #process: ChildProcessWithoutNullStreams | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    this.#command = command;
    this.#args = args;
  }

  check(query: SolverQuery, timeoutMs: number): Promise<SolverVerdict> {
    const asked = this.#last.then(() => this.#ask(query, timeoutMs));
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#end();
  }

  async #ask({ script, values }: SolverQuery, timeoutMs: number): Promise<SolverVerdict> {
    try {
      const output = await this.#request(requestOf(script), timeoutMs);
      if (output === 'timeout') return { kind: 'timeout' };
      const answer = verdictOf(output, this.name);
      if (answer === 'unsat') return { kind: 'unsatisfiable' };
      if (answer === 'unknown') {
        this.#end();
        return unknown(`${this.name} gave up`);
      }
      if (values.length === 0) return { kind: 'satisfiable', values: new Map() };
      const model = await this.#request(valueRequest(values), timeoutMs);
      return model === 'timeout' ? { kind: 'timeout' } : { kind: 'satisfiable', values: valuesOf(model) };
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** What the solver prints up to the mark, or that it took too long. */
  #request(text: string, timeoutMs: number): Promise<string> {
    const child = (this.#process ??= spawn(this.#command, this.#args, { stdio: 'pipe' }));
    return new Promise((resolve, reject) => {
      let output = '';
      const finish = (act: () => void) => {
        clearTimeout(timer);
        child.stdout.removeAllListeners('data');
        child.removeAllListeners();
        child.stdin.removeAllListeners('error');
        act();
      };
      const fail = (error?: Error) => {
        finish(() => {
          reject(new SolverFault(`${this.name} ended by itself`, { output: output.slice(-500) }, error));
        });
      };
      const timer = setTimeout(() => {
        finish(() => {
          this.#end();
          resolve('timeout');
        });
      }, timeoutMs);
      child.stdout.on('data', (part: Buffer) => {
        output += part.toString();
        const end = output.lastIndexOf(endMark);
        if (end >= 0)
          finish(() => {
            resolve(output.slice(0, end));
          });
      });
      child.on('exit', () => {
        fail();
      });
      child.on('error', fail);
      child.stdin.on('error', fail);
      child.stdin.write(text);
    });
  }

  #end(): void {
    // What was still being written to it has nowhere to go.
    this.#process?.stdin.on('error', () => undefined);
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }
}
