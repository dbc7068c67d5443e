import { parentPort } from 'node:worker_threads';
import { init } from 'z3-solver';

// The thread of one WasmSolver: evaluates SMT-LIB commands in one context, in order.
const port = parentPort;
if (port === null) throw new Error('wasm-solver-worker.ts runs as a worker thread only');
const { Z3 } = await init();
const configuration = Z3.mk_config();
const context = Z3.mk_context(configuration);
Z3.del_config(configuration);
port.on('message', (commands: string) => {
  void Z3.eval_smtlib2_string(context, commands).then(
    (output) => {
      port.postMessage({ output });
    },
    (error: unknown) => {
      port.postMessage({ output: `(error "${String(error)}")` });
    },
  );
});
port.postMessage({ ready: true });
