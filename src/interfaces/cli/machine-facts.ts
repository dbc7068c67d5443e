import { accessSync, constants } from 'node:fs';
import { cpus, freemem, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Isochron } from '../../application/isochron.ts';
import { tinyProgram } from './tiny-program.ts';
import { bytesText } from './tables.ts';

export interface Fact {
  readonly name: string;
  /** `missing`: needed and not here; `absent`: optional and not here. */
  readonly state: 'present' | 'absent' | 'missing' | 'info';
  readonly detail: string;
}

/** The least Node that strips types by itself and has node:sqlite. */
const oldestNode = 24;

export async function examineMachine(
  environment: Readonly<Record<string, string | undefined>>,
  open: () => Promise<Isochron>,
): Promise<readonly Fact[]> {
  const isochron = await open();
  const major = Number(process.versions.node.split('.')[0]);
  return [
    { name: 'platform', state: 'info', detail: `${process.platform} ${process.arch}` },
    { name: 'processor', state: 'info', detail: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores` },
    { name: 'memory', state: 'info', detail: `${bytesText(totalmem())}, ${bytesText(freemem())} free` },
    needed('node', major >= oldestNode, `${process.versions.node} (24 or newer; V8 ${process.versions.v8})`),
    ...wasmFacts(),
    await moduleFact('node:sqlite', 'recordings are kept in it', true),
    await moduleFact('koffi', 'calls native libraries: the Unicorn oracle', false),
    await moduleFact('z3-solver', 'proves translations where no native solver is', false),
    ...(await engineFacts(isochron)),
    ...tools.map(([name, use]) => toolFact(name, use, environment)),
    ...(await oracleFacts(isochron)),
    deviceFact('/dev/kvm', 'hardware virtualisation'),
  ];
}

const needed = (name: string, present: boolean, detail: string): Fact => ({
  name,
  state: present ? 'present' : 'missing',
  detail,
});

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** v128.const 0. */
const zeroVector = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];

/** Type () -> v128, and one function with this code (up to 120 bytes). */
function vectorFunction(code: readonly number[]): readonly number[] {
  const body = [0, ...code, 0x0b];
  return [1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, body.length + 2, 1, body.length, ...body];
}

// Each module is valid only where the feature is there; bytes as in the core specification, section 5.
const wasmFeatures: readonly (readonly [
  name: string,
  use: string,
  module: readonly number[],
  needed: boolean,
])[] = [
  // Type () -> (); one function: return_call 0; end.
  [
    'wasm tail calls',
    'chain translated code',
    [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x12, 0, 0x0b],
    true,
  ],
  // Two memories of one page.
  ['wasm multi-memory', 'guest memory beside engine state', [5, 5, 2, 0, 1, 0, 1], true],
  ['wasm SIMD', 'vector code', vectorFunction(zeroVector), false],
  // f64x2.relaxed_madd of three zeros.
  [
    'wasm relaxed SIMD',
    'fused multiply-add, where the processor has it',
    vectorFunction([...zeroVector, ...zeroVector, ...zeroVector, 0xfd, 0x87, 0x02]),
    false,
  ],
  // A 64-bit memory of one page.
  ['wasm memory64', 'guests beyond 4 GiB', [5, 3, 1, 4, 1], false],
];

const wasmFacts = (): readonly Fact[] =>
  wasmFeatures.map(([name, use, module, isNeeded]) => {
    const valid = WebAssembly.validate(Uint8Array.from([...header, ...module]));
    return { name, state: valid ? 'present' : isNeeded ? 'missing' : 'absent', detail: use };
  });

async function moduleFact(name: string, use: string, isNeeded: boolean): Promise<Fact> {
  try {
    await import(name);
    return { name, state: 'present', detail: use };
  } catch (error) {
    return { name, state: isNeeded ? 'missing' : 'absent', detail: `${use}; ${(error as Error).message}` };
  }
}

/** Runs a program of a few instructions on every engine; it must exit with the value that it computes. */
async function engineFacts(isochron: Isochron): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  const program = tinyProgram();
  for (const engine of isochron.engines) {
    try {
      const { status } = await isochron.run({
        program: program.image,
        programPath: '/bin/check',
        engine,
        memorySize: 2 ** 24,
      });
      const right = status.kind === 'exited' && status.code === program.exitCode;
      facts.push(
        needed(
          `engine ${engine}`,
          right,
          right
            ? ['ran a program and got the right answer', isochron.onThisHost(engine)]
                .filter(Boolean)
                .join('; ')
            : `ended wrongly: ${JSON.stringify(status)}`,
        ),
      );
    } catch (error) {
      facts.push(needed(`engine ${engine}`, false, (error as Error).message));
    }
  }
  return facts;
}

const tools: readonly (readonly [name: string, use: string])[] = [
  ['riscv64-linux-gnu-gcc', 'compiles fresh guests'],
  ['z3', 'solver: proves optimiser rules and translations'],
  ['cvc5', 'solver, where z3 is not'],
];

function toolFact(
  name: string,
  use: string,
  environment: Readonly<Record<string, string | undefined>>,
): Fact {
  const path = (environment['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((candidate) => usable(candidate, constants.X_OK));
  return {
    name,
    state: path === undefined ? 'absent' : 'present',
    detail: path === undefined ? use : `${use} (${path})`,
  };
}

const asked: Readonly<Record<string, string>> = {
  oracle: 'oracle for what instructions do',
  disassembly: 'voter on disassembly',
  encoding: 'oracle for encodings',
};

/** The oracles that verification can ask. */
async function oracleFacts({ verification }: Isochron): Promise<readonly Fact[]> {
  return (await verification.oracles()).map(({ name, relation, version, lacks }) => ({
    name: `oracle ${name}`,
    state: version === undefined ? 'absent' : 'present',
    detail: [asked[relation], version, lacks].filter((each) => each !== undefined).join('; '),
  }));
}

const deviceFact = (path: string, use: string): Fact => ({
  name: path,
  state: usable(path, constants.R_OK | constants.W_OK) ? 'present' : 'absent',
  detail: use,
});

function usable(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
