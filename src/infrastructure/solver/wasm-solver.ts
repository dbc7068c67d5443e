import { Worker } from 'node:worker_threads';
import {
  type Solver,
  SolverFault,
  type SolverQuery,
  type SolverVerdict,
} from '../../application/ports/solver.ts';
import { requestOf, unknown, valueRequest, valuesOf, verdictOf } from './smt-lib-answers.ts';

// Beside this file in the sources (Node strips the types), and beside it when compiled.
const workerFile = new URL(
  `./wasm-solver-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

type Message = { readonly ready: true } | { readonly output: string };

/**
 * Z3 compiled to WebAssembly, in a worker thread: slower than a native solver, and everywhere. A thread that ran out of
 * time, gave up or failed is ended, and the next question goes to a new one. Starting does not count as solving.
 */
export class WasmSolver implements Solver {
  readonly name = 'z3-solver (WebAssembly)';
  #worker: Promise<Worker> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  check(query: SolverQuery, timeoutMs: number): Promise<SolverVerdict> {
    const asked = this.#last.then(() => this.#ask(query, timeoutMs));
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#end();
  }

  async #ask({ script, values }: SolverQuery, timeoutMs: number): Promise<SolverVerdict> {
    try {
      const worker = await (this.#worker ??= started());
      const output = await evaluated(worker, requestOf(script), timeoutMs);
      const answer = output === 'timeout' ? output : verdictOf(output, this.name);
      if (answer === 'unsat') return { kind: 'unsatisfiable' };
      if (answer === 'sat') {
        if (values.length === 0) return { kind: 'satisfiable', values: new Map() };
        const model = await evaluated(worker, valueRequest(values), timeoutMs);
        if (model !== 'timeout') return { kind: 'satisfiable', values: valuesOf(model) };
      }
      await this.#end();
      return answer === 'unknown' ? unknown(`${this.name} gave up`) : { kind: 'timeout' };
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await (await worker)?.terminate();
  }
}

async function started(): Promise<Worker> {
  const worker = new Worker(workerFile, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  await nextMessage(worker);
  return worker;
}

async function evaluated(worker: Worker, commands: string, timeoutMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => {
      resolve('timeout');
    }, timeoutMs);
  });
  const answer = nextMessage(worker).then((message) => ('output' in message ? message.output : ''));
  worker.postMessage(commands);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function nextMessage(worker: Worker): Promise<Message> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      worker.off('message', onMessage);
      worker.off('error', onEnd);
      worker.off('exit', onExit);
      act();
    };
    const onMessage = (message: Message) => {
      finish(() => {
        resolve(message);
      });
    };
    const onEnd = (error: unknown) => {
      finish(() => {
        reject(new SolverFault('the solver thread failed', { error: String(error) }, error));
      });
    };
    const onExit = () => {
      onEnd('it ended');
    };
    worker.on('message', onMessage);
    worker.on('error', onEnd);
    worker.on('exit', onExit);
  });
}
