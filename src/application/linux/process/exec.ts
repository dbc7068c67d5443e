import { ElfError } from '../elf/elf-error.ts';
import { loadProgram } from '../elf/load-program.ts';
import { errno } from '../errno.ts';
import { closeOnExec } from '../files/descriptors.ts';
import { read64, readCString } from '../guest-pointer.ts';
import { createMachine, type KernelCall, type KernelCallHandler, randomBytes } from '../kernel.ts';
import { systemWrote } from '../register-writes.ts';
import { defaultAction, handlerIgnore } from '../signals/signal.ts';
import { endOtherThreads, releaseSpace, resumeVforkParent } from './end-process.ts';
import { readProgram, readProgramAt } from './process-files.ts';

const currentDirectory = BigInt.asUintN(64, -100n);
const stringLimit = 131_072;
const listLimit = 65_536;

/** A NULL-terminated array of strings, or an errno. */
function strings(call: KernelCall, address: bigint): Uint8Array[] | number {
  const found: Uint8Array[] = [];
  if (address === 0n) return found;
  for (let at = address; ; at += 8n) {
    const pointer = read64(call.memory, at);
    if (pointer === 0n) return found;
    const text = readCString(call.memory, pointer, stringLimit);
    if (!text || found.length >= listLimit) return errno.E2BIG;
    found.push(text);
  }
}

/** `#!interpreter argument`: what to run instead, and with which arguments in front. */
function scriptLine(bytes: Uint8Array): readonly [string, ...string[]] | undefined {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const end = bytes.subarray(0, 256).indexOf(10);
  const line = new TextDecoder().decode(bytes.subarray(2, end < 0 ? 256 : end)).trim();
  const split = line.search(/[ \t]/);
  if (line === '') return undefined;
  return split < 0 ? [line] : [line.slice(0, split), line.slice(split).trim()];
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function execute(call: KernelCall, directory: bigint, pathPointer: bigint, listAt: number, flags: bigint) {
  const { kernel, process, thread } = call;
  const name = readCString(call.memory, pathPointer, 4095);
  const argv = strings(call, call.args[listAt]!);
  const environment = strings(call, call.args[listAt + 1]!);
  if (!name) return errno.ENAMETOOLONG;
  if (typeof argv === 'number') return argv;
  if (typeof environment === 'number') return environment;
  let path = decode(name);
  let program = readProgram(call, directory, pathPointer, flags);
  let list: Uint8Array[] = argv.length === 0 ? [new Uint8Array(0)] : argv;
  for (let depth = 0; typeof program !== 'number'; depth++) {
    const line = scriptLine(program);
    if (!line) break;
    if (depth === 4) return errno.ELOOP;
    list = [...line.map(encode), encode(path), ...list.slice(1)];
    [path] = line;
    program = readProgramAt(call, path);
  }
  if (typeof program === 'number') return program;
  const machine = createMachine(kernel);
  const number = kernel.state.nextSpace;
  const random = randomBytes(kernel, 16);
  let loaded;
  try {
    loaded = loadProgram(
      { program, programPath: path, arguments: list, environment, random },
      machine.memory,
      number,
    );
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    return error.code === 'arguments-too-long' ? errno.E2BIG : errno.ENOEXEC;
  }
  kernel.state.nextSpace++;
  endOtherThreads(kernel, process, thread);
  closeOnExec(call, call.files.table);
  releaseSpace(kernel, process, true);
  kernel.machines.set(number, machine);
  kernel.state.spaces.set(number, loaded.space);
  process.space = number;
  resumeVforkParent(kernel, process);
  process.programPath = path;
  process.arguments = list.map(decode);
  process.environment = environment.map(decode);
  process.auxv = loaded.auxv;
  process.actions = process.actions.map((action) =>
    action.handler === handlerIgnore ? action : defaultAction,
  );
  process.timers = new Map();
  Object.assign(thread, { altStack: { base: 0n, size: 0n, flags: 2 }, clearChildTid: 0, robustList: 0n });
  thread.name = path.slice(path.lastIndexOf('/') + 1).slice(0, 15);
  thread.cpu.set(loaded.cpu);
  systemWrote(kernel, thread, 'all');
  return 'no-result' as const;
}

/** execve(2): a static program, or a script whose interpreter is one. */
export const execve: KernelCallHandler = (call) => execute(call, currentDirectory, call.args[0]!, 1, 0n);

export const execveat: KernelCallHandler = (call) => {
  if (call.args[4]! & ~0x100n) return errno.EINVAL;
  const noFollow = call.args[4]! & 0x100n ? 0o400_000n : 0n;
  return execute(call, call.args[0]!, call.args[1]!, 2, noFollow);
};
