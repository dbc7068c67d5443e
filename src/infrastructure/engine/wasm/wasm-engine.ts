import type { ExecutionEngine } from '../../../application/ports/execution-engine.ts';
import { hostPageProtection } from '../memory/page-protection.ts';
import { WasmMachine } from './wasm-machine.ts';

export interface WasmEngineOptions {
  /** How often a block is interpreted before its region is translated: 0 translates at first sight, Infinity never. */
  readonly hotLimit?: number;
  /** `guarded`: loads that the guest may not do trap on the host, where that works; `checked`: every access is looked up. */
  readonly memory?: 'guarded' | 'checked';
}

/** The engine that translates guest code to WebAssembly at run time. */
export const wasmEngineWith = ({
  hotLimit = 8000,
  memory = 'guarded',
}: WasmEngineOptions): ExecutionEngine => ({
  name: 'wasm',
  onThisHost: () => {
    if (memory === 'checked') return 'checks every access';
    const host = hostPageProtection();
    return 'reason' in host
      ? `checks every access: ${host.reason}`
      : 'guest memory is guarded by page protection';
  },
  createMachine: (options) =>
    new WasmMachine(options, hotLimit, memory === 'guarded' ? protection : () => undefined),
});

export const wasmEngine: ExecutionEngine = wasmEngineWith({});

function protection() {
  const host = hostPageProtection();
  return 'reason' in host ? undefined : host;
}
