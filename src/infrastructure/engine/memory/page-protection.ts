import { nativeCalls } from '../../host/native-library.ts';
import { FunctionBody } from '../wasm/codegen/function-body.ts';
import { ModuleBuilder } from '../wasm/codegen/module-builder.ts';
import { allocate, wasmPage } from './allocate.ts';

/**
 * The host's page protection for the pages of a WebAssembly memory: an access that it forbids throws a
 * WebAssembly.RuntimeError at once, and costs nothing elsewhere. Measured (Node 24.21, x86-64, Linux 6): 1 µs to open or close
 * a range of pages, 11 to 15 µs for a load that throws; without it every load looks at a page byte first, which made a sort take
 * 1.3 times and a list, matrix and state program 1.4 times as long. JavaScript that touches a closed page kills the process.
 */
export interface PageProtection {
  /** Sets what may be done to `[start, end)`, multiples of the host's page size. False when the host refuses. */
  set(bytes: Uint8Array, start: number, end: number, access: HostAccess): boolean;
}

export type HostAccess = 'none' | 'read' | 'read-write';

/** Why the host's page protection is not used. */
export interface NoPageProtection {
  readonly reason: string;
}

const prot: Record<HostAccess, number> = { none: 0, read: 1, 'read-write': 3 };
let tested: PageProtection | NoPageProtection | undefined;

/** The host's page protection, if a test of it succeeds; the answer holds for the life of the process. */
export function hostPageProtection(): PageProtection | NoPageProtection {
  return (tested ??= testedProtection());
}

function testedProtection(): PageProtection | NoPageProtection {
  if (process.platform !== 'linux') return { reason: `not known how on ${process.platform}` };
  // Without V8's trap handler the test itself would be the end of the process.
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ').replaceAll('_', '-');
  const disabling =
    /--(no-wasm-trap-handler|disable-wasm-trap-handler|wasm-enforce-bounds-checks|jitless)/.exec(flags);
  if (disabling) return { reason: `Node runs with ${disabling[0]}` };
  const protection = mprotect();
  if ('reason' in protection) return protection;
  return throwsOnClosedPage(protection)
    ? protection
    : { reason: 'a load from a protected page does not throw' };
}

function mprotect(): PageProtection | NoPageProtection {
  try {
    const call = nativeCalls().load('libc.so.6').func('int mprotect(void *addr, size_t len, int prot)');
    return {
      set: (bytes, start, end, access) => call(bytes.subarray(start, end), end - start, prot[access]) === 0,
    };
  } catch (error) {
    return { reason: error instanceof Error ? error.message.split('\n')[0]! : String(error) };
  }
}

/** Closes a page of a small memory, loads from it, and opens it again. */
function throwsOnClosedPage(protection: PageProtection): boolean {
  const memory = allocate(2 * wasmPage, 'test');
  const code = new FunctionBody(['i32']);
  code.get(0);
  code.memory('i32.load', 0);
  const module = new ModuleBuilder();
  module.importMemory('test', 'memory', memory);
  module.define('load', { parameters: ['i32'], results: ['i32'] }, code);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.assemble()), { test: { memory } });
  const load = instance.exports['load'] as (address: number) => number;
  const bytes = new Uint8Array(memory.buffer);
  const page = wasmPage;
  bytes[page] = 42;
  if (!protection.set(bytes, page, 2 * page, 'none')) return false;
  try {
    load(page);
    return false;
  } catch (error) {
    return error instanceof WebAssembly.RuntimeError && load(0) === 0;
  } finally {
    protection.set(bytes, page, 2 * page, 'read-write');
  }
}
