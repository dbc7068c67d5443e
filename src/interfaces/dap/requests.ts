import type { DebugProtocol } from '@vscode/debugprotocol';
import { backtrace } from '../../application/inspection/backtrace.ts';
import { permission } from '../../application/ports/guest-memory.ts';
import { instantAddress } from '../../application/travel/instant.ts';
import { hex } from '../../domain/shared/bits.ts';
import { registerName, slotNamed } from '../register-names.ts';
import { CodeListing } from './code-listing.ts';
import type { Debugger, Stopped } from './debugger.ts';
import { registersIn, registerText, scopesOf } from './register-scopes.ts';
import { addressOf, dataOf } from './stopping-points.ts';

/** An answer, and what runs once it was given, until the guest stops. */
export interface Answer {
  readonly body?: object;
  readonly run?: () => Promise<Stopped> | Stopped;
}

type Handler = (guest: Debugger, args: never) => Answer | Promise<Answer>;

/** Frames of a thread are numbered `thread × this + depth`. */
const framesPerThread = 1024;

const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsStepBack: true,
  supportsGotoTargetsRequest: true,
  supportsDisassembleRequest: true,
  supportsReadMemoryRequest: true,
  supportsInstructionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsDataBreakpoints: true,
  supportsDataBreakpointBytes: true,
  supportsSteppingGranularity: true,
  supportsEvaluateForHovers: true,
  supportsTerminateRequest: true,
  exceptionBreakpointFilters: [{ filter: 'signals', label: 'Signals' }],
};

const nothing = (): Answer => ({});

/** Every request that is served, by its command (Debug Adapter Protocol 1.68). */
export const requests: Readonly<Record<string, Handler>> = {
  initialize: () => ({ body: capabilities }),
  launch: nothing,
  attach: nothing,
  configurationDone: (guest) => ({ run: () => guest.entry() }),
  disconnect: nothing,
  terminate: nothing,

  threads: ({ session }) => ({
    body: { threads: session.threads().map(({ id, name }) => ({ id, name: `${name} (${id})` })) },
  }),
  stackTrace,
  scopes: (_, { frameId }: DebugProtocol.ScopesArguments) => ({
    body: { scopes: scopesOf(Math.floor(frameId / framesPerThread)) },
  }),
  variables: ({ session }, { variablesReference }: DebugProtocol.VariablesArguments) => ({
    body: { variables: registersIn(session, variablesReference) ?? [] },
  }),
  disassemble: disassembleRequest,
  readMemory,
  evaluate,

  setInstructionBreakpoints: ({ points }, args: DebugProtocol.SetInstructionBreakpointsArguments) => ({
    body: { breakpoints: points.setInstructions(args.breakpoints) },
  }),
  dataBreakpointInfo: ({ session }, args: DebugProtocol.DataBreakpointInfoArguments) => {
    const accessTypes = ['read', 'write', 'readWrite'];
    const found = dataOf(session, args);
    const unknown = { dataId: null, description: `${args.name} is no register and no address` };
    return { body: found === undefined ? unknown : { ...found, accessTypes } };
  },
  setDataBreakpoints: ({ points }, args: DebugProtocol.SetDataBreakpointsArguments) => ({
    body: { breakpoints: points.setData(args.breakpoints) },
  }),
  setExceptionBreakpoints: ({ points }, { filters }: DebugProtocol.SetExceptionBreakpointsArguments) => {
    points.stopsAtSignals = filters.includes('signals');
    return {};
  },
  /** Source lines are not known: nothing is verified. */
  setBreakpoints: (_, { breakpoints = [] }: DebugProtocol.SetBreakpointsArguments) => {
    const message = 'source lines are not known; set an instruction breakpoint';
    return { body: { breakpoints: breakpoints.map(() => ({ verified: false, message })) } };
  },

  continue: (guest) => ({
    body: { allThreadsContinued: true },
    run: () => guest.continue('forwards'),
  }),
  reverseContinue: (guest) => ({ run: () => guest.continue('backwards') }),
  next: (guest, { threadId }: DebugProtocol.NextArguments) => ({
    run: () => guest.step(threadId, 'forwards', (control) => guest.session.stepOver(threadId, control)),
  }),
  stepIn: (guest, { threadId }: DebugProtocol.StepInArguments) => ({
    run: () => guest.step(threadId, 'forwards', (control) => guest.session.stepThread(threadId, control)),
  }),
  stepOut: (guest, { threadId }: DebugProtocol.StepOutArguments) => ({
    run: () => guest.step(threadId, 'forwards', (control) => guest.session.finish(threadId, control)),
  }),
  /** An instruction where the client asks for that; else back over calls. */
  stepBack: (guest, { threadId, granularity }: DebugProtocol.StepBackArguments) => ({
    run: () =>
      guest.step(threadId, 'backwards', (control) =>
        granularity === 'instruction'
          ? guest.session.reverseStepThread(threadId, control)
          : guest.session.reverseNext(threadId, control),
      ),
  }),
  /** What ran has been stopped by the request’s arrival. */
  pause: nothing,
  /** A recording as a document: line N is its instant N. */
  gotoTargets: ({ session }, { line }: DebugProtocol.GotoTargetsArguments) => ({
    body: {
      targets:
        line >= 0 && line <= session.last
          ? [{ id: line, label: instantAddress(session.recording, line), line }]
          : [],
    },
  }),
  goto: (guest, { targetId }: DebugProtocol.GotoArguments) => ({ run: () => guest.goTo(targetId) }),
};

function stackTrace(
  { session, symbols }: Debugger,
  { threadId, startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments,
): Answer {
  const registers = session.registers(threadId);
  if (registers === undefined) throw new Error(`there is no thread ${threadId} at this instant`);
  const executable = session
    .regions(threadId)
    .filter(({ permissions }) => (permissions & permission.execute) !== 0);
  const frames = backtrace({
    isa: session.isa,
    registers,
    symbols,
    memory: (address, length) => session.memory(address, length, threadId),
    isCode: (address) =>
      executable.some(({ start, end }) => address >= BigInt(start) && address < BigInt(end)),
  });
  const shown = frames.slice(startFrame, levels > 0 ? startFrame + levels : undefined);
  return {
    body: {
      totalFrames: frames.length,
      stackFrames: shown.map(({ pc, symbol }, index) => ({
        id: threadId * framesPerThread + startFrame + index,
        name: symbol ?? hex(pc),
        line: 0,
        column: 0,
        instructionPointerReference: hex(pc),
      })),
    },
  };
}

function disassembleRequest(
  { session, symbols }: Debugger,
  {
    memoryReference,
    offset = 0,
    instructionOffset = 0,
    instructionCount,
  }: DebugProtocol.DisassembleArguments,
): Answer {
  const listing = new CodeListing(session, symbols, session.currentThread);
  const address = addressOf(memoryReference) + BigInt(offset);
  return { body: { instructions: listing.around(address, instructionOffset, instructionCount) } };
}

/** As much as is mapped, from the address on. */
function readMemory(
  { session }: Debugger,
  { memoryReference, offset = 0, count }: DebugProtocol.ReadMemoryArguments,
): Answer {
  const address = addressOf(memoryReference) + BigInt(offset);
  // Pages are mapped as wholes: what cannot be read to its end may be to the end of an earlier page.
  for (let length = count; length > 0; length -= Number((address + BigInt(length) - 1n) % 4096n) + 1) {
    const bytes = session.memory(address, length);
    if (bytes === undefined) continue;
    const data = Buffer.from(bytes).toString('base64');
    return { body: { address: hex(address), data, unreadableBytes: count - length } };
  }
  return { body: { address: hex(address), unreadableBytes: count } };
}

/** A register’s value, or the eight bytes at `[ADDR]`. */
function evaluate({ session }: Debugger, { expression, frameId }: DebugProtocol.EvaluateArguments): Answer {
  const thread = frameId === undefined ? undefined : Math.floor(frameId / framesPerThread);
  const text = expression.trim().replace(/^\$/, '');
  const slot = slotNamed(text, session.isa.layout.slots);
  const value = slot === undefined ? undefined : session.registers(thread)?.get(slot);
  if (slot !== undefined && value !== undefined)
    return {
      body: {
        result: registerText(slot, value),
        type: registerName(slot),
        variablesReference: 0,
        memoryReference: hex(value),
      },
    };
  const place = /^\[(.*)\]$/.exec(text)?.[1];
  const bytes = place === undefined ? undefined : session.memory(addressOf(place), 8, thread);
  if (bytes === undefined) throw new Error(`${expression} is no register, and no mapped memory as [ADDR]`);
  const number = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  return { body: { result: hex(number), variablesReference: 0, memoryReference: place } };
}
