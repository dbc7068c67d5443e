import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveClient } from '../../src/interfaces/dap/serve.ts';
import { type Isochron, openIsochron } from '../../src/library.ts';
import { guest } from './recording-terminal.ts';

/** The Debug Adapter Protocol, as the client library of its authors speaks it. */

let isochron: Isochron;
let server: Server;
let client: DebugClient;
let failed: unknown;
const program = readFileSync(guest('tally'));
/** add(), and the instruction in it that notes a new largest number. */
const [add, noted] = ['0x10120', '0x10132'];

beforeAll(async () => {
  isochron = await openIsochron();
  const stdin = Buffer.from('3\n14\n15\n');
  await isochron.run({ program, programPath: '/bin/tally', record: 'tally', stdin });
  const image = readFileSync(guest('threads'));
  await isochron.run({ program: image, programPath: '/bin/threads', record: 'threads' });
  const debug = async (recording: string) => ({
    session: await isochron.travel({ recording }),
    symbols: await isochron.symbols(recording),
  });
  server = createServer((socket) => {
    debug('tally')
      .then((debugged) => serveClient({ from: socket, to: socket }, debugged, new AbortController().signal))
      .catch((error: unknown) => (failed = error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  await isochron.close();
});
beforeEach(async () => {
  failed = undefined;
  client = new DebugClient('', '', 'isochron');
  await client.start((server.address() as AddressInfo).port);
});
afterEach(async () => {
  await client.stop();
  expect(failed).toBeUndefined();
});

async function launch(): Promise<void> {
  await client.initializeRequest({ adapterID: 'isochron' });
  await client.launchRequest({});
  const stopped = client.waitForEvent('stopped');
  await client.configurationDoneRequest();
  expect((await stopped).body).toMatchObject({ reason: 'entry', threadId: 100 });
}

/** Where the guest stops after a request: the instant, and why. */
async function stops(request: Promise<unknown>): Promise<readonly [instant: string, reason: string]> {
  const stopped = client.waitForEvent('stopped') as Promise<DebugProtocol.StoppedEvent>;
  await request;
  const { body } = await stopped;
  return [body.text!, body.reason];
}

const thread = { threadId: 100 };
const pc = async (): Promise<string> => {
  const { body } = await client.stackTraceRequest(thread);
  return body.stackFrames[0]!.instructionPointerReference!;
};
const breakAt = (...breakpoints: DebugProtocol.InstructionBreakpoint[]) =>
  client.customRequest('setInstructionBreakpoints', { breakpoints }) as Promise<{
    body: DebugProtocol.SetInstructionBreakpointsResponse['body'];
  }>;

describe('a client of the debug adapter', () => {
  test('learns what is supported, and is told of what is not', async () => {
    const { body } = await client.initializeRequest({ adapterID: 'isochron' });
    expect(body).toMatchObject({ supportsStepBack: true, supportsDisassembleRequest: true });
    await expect(client.customRequest('restartFrame', {})).rejects.toThrow(/restartFrame is not supported/);
  });

  test('stops at instruction breakpoints, forwards and backwards, with conditions', async () => {
    await launch();
    const set = await breakAt({ instructionReference: add }, { instructionReference: 'add' });
    expect(set.body.breakpoints).toEqual([
      { verified: true, instructionReference: add },
      { verified: false, message: '"add" is no address; give a number such as 0x10430' },
    ]);
    const first = await stops(client.continueRequest(thread));
    expect(first[1]).toBe('instruction breakpoint');
    expect(await pc()).toBe(add);
    const second = await stops(client.continueRequest(thread));
    expect(second[0]).not.toBe(first[0]);
    expect(await stops(client.reverseContinueRequest(thread))).toEqual(first);
    await breakAt({ instructionReference: add, condition: 'a1 == 15' });
    await stops(client.continueRequest(thread));
    const { body } = await client.evaluateRequest({ expression: '$a1' });
    expect(body.result).toBe('0xf');
    expect(await stops(client.continueRequest(thread))).toEqual(['tally/main/400', 'step']);
    await breakAt();
    expect(await stops(client.reverseContinueRequest(thread))).toEqual(['tally/main/0', 'step']);
  });

  test('steps into, over and out of a function, and back', async () => {
    await launch();
    await breakAt({ instructionReference: add });
    await stops(client.continueRequest(thread));
    const { body } = await client.stackTraceRequest(thread);
    expect(body.stackFrames.map(({ name }) => name)).toEqual(['add', '_start+0x7e']);
    const caller = body.stackFrames[1]!.instructionPointerReference;
    const inside = await stops(client.stepInRequest(thread));
    expect(inside[1]).toBe('step');
    expect(await pc()).toBe('0x10122');
    await stops(client.stepBackRequest(thread));
    expect(await pc()).toBe(add);
    await stops(client.stepOutRequest(thread));
    expect(await pc()).toBe(caller);
    await breakAt();
    await stops(client.stepBackRequest(thread));
    const called = BigInt(await pc());
    expect(BigInt(caller!) - called).toBe(4n);
    await stops(client.nextRequest(thread));
    expect(await pc()).toBe(caller);
    await stops(client.stepBackRequest({ ...thread, granularity: 'instruction' }));
    expect(await pc()).toBe('0x10134');
  });

  test('stops at breakpoints on the way of a step, in both directions', async () => {
    await launch();
    await breakAt({ instructionReference: add });
    await stops(client.continueRequest(thread));
    const { body } = await client.stackTraceRequest(thread);
    const caller = body.stackFrames[1]!.instructionPointerReference!;
    await breakAt({ instructionReference: noted });
    const onTheWay = await stops(client.stepOutRequest(thread));
    expect([onTheWay[1], await pc()]).toEqual(['instruction breakpoint', noted]);
    expect((await stops(client.stepOutRequest(thread)))[1]).toBe('step');
    expect(await pc()).toBe(caller);
    expect(await stops(client.stepBackRequest(thread))).toEqual(onTheWay);
    await breakAt();
    await stops(client.stepOutRequest(thread));
    await stops(client.stepBackRequest(thread));
    expect(BigInt(caller) - BigInt(await pc())).toBe(4n);
    await breakAt({ instructionReference: noted, condition: 'a1 == 3' });
    expect(await stops(client.nextRequest(thread))).toEqual(onTheWay);
    await stops(client.stepOutRequest(thread));
    await stops(client.stepBackRequest(thread));
    expect(await pc()).toBe(noted);
    await breakAt({ instructionReference: noted, condition: 'a1 == 4' });
    expect((await stops(client.stepOutRequest(thread)))[1]).toBe('step');
  });

  test('goes back to what wrote', async () => {
    await launch();
    await breakAt({ instructionReference: noted });
    await stops(client.continueRequest(thread));
    const { body: tallied } = await client.evaluateRequest({ expression: 'a0' });
    const largest = `0x${(BigInt(tallied.result) + 16n).toString(16)}`;
    const { body: info } = await client.dataBreakpointInfoRequest({ name: largest });
    expect(info).toMatchObject({ dataId: `${largest}:8`, accessTypes: ['read', 'write', 'readWrite'] });
    expect((await client.dataBreakpointInfoRequest({ name: 'nothing' })).body.dataId).toBeNull();
    await breakAt();
    const end = await stops(client.gotoRequest({ ...thread, targetId: 400 }));
    expect(end).toEqual(['tally/main/400', 'goto']);
    const { body } = await client.setDataBreakpointsRequest({
      breakpoints: [{ dataId: info.dataId!, accessType: 'write' }],
    });
    expect(body.breakpoints).toEqual([{ verified: true }]);
    for (const value of ['0xe', '0x3']) {
      const [, reason] = await stops(client.reverseContinueRequest(thread));
      expect([reason, await pc()]).toEqual(['data breakpoint', noted]);
      // Right before it, the value is that of the write before.
      expect((await client.evaluateRequest({ expression: `[${largest}]` })).body.result).toBe(value);
    }
  });

  test('sees registers, code and memory', async () => {
    await launch();
    await breakAt({ instructionReference: add });
    await stops(client.continueRequest(thread));
    const { body: frames } = await client.stackTraceRequest(thread);
    const { body: found } = await client.scopesRequest({ frameId: frames.stackFrames[0]!.id });
    expect(found.scopes.map(({ name }) => name)).toEqual([
      'Integer registers',
      'Floating-point registers',
      'Control registers',
    ]);
    const registers = await Promise.all(
      found.scopes.map(({ variablesReference }) => client.variablesRequest({ variablesReference })),
    );
    const [integer, float, control] = registers.map(({ body }) =>
      Object.fromEntries(body.variables.map(({ name, value }) => [name, value])),
    );
    expect(integer).toMatchObject({ pc: add, a1: '0x3' });
    expect(float).toMatchObject({ fa0: '0 (0x0000000000000000)' });
    expect(control).toMatchObject({ fcsr: '0x0', instret: '0x2d' });
    const disassemble = async (instructionOffset: number, instructionCount: number) => {
      const answer = (await client.customRequest('disassemble', {
        memoryReference: add,
        instructionOffset,
        instructionCount,
      })) as DebugProtocol.DisassembleResponse;
      return answer.body!.instructions;
    };
    expect(await disassemble(0, 2)).toEqual([
      { address: add, instructionBytes: '1861', instruction: 'c.ld a4, 0(a0)', symbol: 'add' },
      { address: '0x10122', instructionBytes: '1c65', instruction: 'c.ld a5, 8(a0)' },
    ]);
    expect((await disassemble(1, 1))[0]!.address).toBe('0x10122');
    const around = await disassemble(-3, 5);
    expect(around).toHaveLength(5);
    expect(around[3]!.address).toBe(add);
    const { body: memory } = (await client.customRequest('readMemory', {
      memoryReference: add,
      count: 4,
    })) as DebugProtocol.ReadMemoryResponse;
    expect(Buffer.from(memory!.data!, 'base64').toString('hex')).toBe('18611c65');
    const { body: unmapped } = (await client.customRequest('readMemory', {
      memoryReference: '0x0',
      count: 16,
    })) as DebugProtocol.ReadMemoryResponse;
    expect(unmapped).toEqual({ address: '0x0', unreadableBytes: 16 });
    await expect(client.evaluateRequest({ expression: 'nonsense' })).rejects.toThrow(/no register/);
  });

  test('goes to any instant', async () => {
    await launch();
    const source = { name: 'tally' };
    const { body } = (await client.customRequest('gotoTargets', { source, line: 123 })) as {
      body: DebugProtocol.GotoTargetsResponse['body'];
    };
    expect(body.targets).toEqual([{ id: 123, label: 'tally/main/123', line: 123 }]);
    expect(await stops(client.gotoRequest({ ...thread, targetId: 123 }))).toEqual(['tally/main/123', 'goto']);
    const beyond = (await client.customRequest('gotoTargets', { source, line: 401 })) as { body: object };
    expect(beyond.body).toEqual({ targets: [] });
  });
});

describe('isochron dap', () => {
  test('serves on standard input and output', async () => {
    const store = mkdtempSync(join(tmpdir(), 'isochron-dap-'));
    const main = fileURLToPath(new URL('../../src/interfaces/cli/main.ts', import.meta.url));
    const adapter = join(store, 'adapter.sh');
    writeFileSync(
      adapter,
      `exec '${process.execPath}' '${main}' dap --store '${store}' '${guest('hello')}' one\n`,
    );
    chmodSync(adapter, 0o755);
    const spawned = new DebugClient('sh', adapter, 'isochron');
    spawned.defaultTimeout = 30_000;
    await spawned.start();
    await spawned.initializeRequest({ adapterID: 'isochron' });
    await spawned.launchRequest({});
    const stopped = spawned.waitForEvent('stopped');
    await spawned.configurationDoneRequest();
    expect((await stopped).body).toMatchObject({ reason: 'entry', text: 'program/main/0' });
    expect((await spawned.threadsRequest()).body.threads).toEqual([{ id: 100, name: 'hello (100)' }]);
    await spawned.stop();
    rmSync(store, { recursive: true, force: true });
  });
});
