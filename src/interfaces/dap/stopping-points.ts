import type { DebugProtocol } from '@vscode/debugprotocol';
import { parseCondition } from '../../application/travel/condition.ts';
import type { GuestEvent } from '../../application/ports/guest-event.ts';
import type { Moment, Search, TravelSession, WatchedRange } from '../../application/travel/travel.ts';
import { slotNamed } from '../register-names.ts';

type Condition = (moment: Moment, thread: number) => boolean;

/** Bytes that a data breakpoint watches unless told otherwise. */
const word = 8;

/** Where the guest stops: instruction breakpoints and data breakpoints, each with a condition or without. */
export class StoppingPoints {
  readonly #session: TravelSession;
  stopsAtSignals = false;
  #instructions = new Map<bigint, Condition | undefined>();
  #data: readonly { readonly range: WatchedRange; readonly condition: Condition | undefined }[] = [];

  constructor(session: TravelSession) {
    this.#session = session;
  }

  setInstructions(asked: readonly DebugProtocol.InstructionBreakpoint[]): DebugProtocol.Breakpoint[] {
    this.#instructions = new Map();
    return asked.map(({ instructionReference, offset = 0, condition }) =>
      checked(() => {
        const address = addressOf(instructionReference) + BigInt(offset);
        this.#instructions.set(address, this.#condition(condition));
        return `0x${address.toString(16)}`;
      }),
    );
  }

  setData(asked: readonly DebugProtocol.DataBreakpoint[]): DebugProtocol.Breakpoint[] {
    const data: { range: WatchedRange; condition: Condition | undefined }[] = [];
    const answers = asked.map(({ dataId, accessType = 'write', condition }) =>
      checked(() => {
        const [address = '', length = ''] = dataId.split(':');
        const access: WatchedRange['access'] = accessType === 'readWrite' ? 'any' : accessType;
        const range = { access, address: addressOf(address), length: Number(length) };
        data.push({ range, condition: this.#condition(condition) });
        return undefined;
      }),
    );
    this.#data = data;
    return answers;
  }

  /** What to look for: all of them. */
  get search(): Search {
    return {
      breakpoints: [...this.#instructions.keys()],
      memory: this.#data.map(({ range }) => range),
      events: this.stopsAtSignals ? ['signal'] : [],
      where: (event, moment) => this.#wanted(event, moment),
    };
  }

  #wanted(event: GuestEvent, moment: Moment): boolean {
    if (event.kind === 'breakpoint') return this.#instructions.get(event.pc)?.(moment, event.thread) ?? true;
    if (event.kind !== 'watchpoint') return true;
    return this.#data.some(
      ({ range, condition }) =>
        event.accesses.some((made) => 'address' in made && overlaps(made, range)) &&
        (condition?.(moment, event.thread) ?? true),
    );
  }

  #condition(text: string | undefined): Condition | undefined {
    if (text === undefined || text.trim() === '') return undefined;
    return parseCondition(text, (name) => slotNamed(name, this.#session.isa.layout.slots));
  }
}

function overlaps(
  made: { readonly access: 'read' | 'write'; readonly address: number; readonly length: number },
  { access, address, length }: WatchedRange,
): boolean {
  if (access !== 'any' && access !== made.access) return false;
  return made.address < Number(address) + length && Number(address) < made.address + made.length;
}

/** The breakpoint as it was set, or why it was not. */
function checked(set: () => string | undefined): DebugProtocol.Breakpoint {
  try {
    const instructionReference = set();
    return { verified: true, ...(instructionReference !== undefined && { instructionReference }) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { verified: false, message: error.message };
  }
}

/** The bytes that a name or an address stands for, to be watched. */
export function dataOf(
  session: TravelSession,
  { name, asAddress, bytes }: DebugProtocol.DataBreakpointInfoArguments,
): { readonly dataId: string; readonly description: string } | undefined {
  const slot = slotNamed(name, session.isa.layout.slots);
  const register = asAddress === true ? undefined : slot;
  const address =
    register === undefined
      ? /^(?:0x[0-9a-f]+|\d+)$/i.test(name)
        ? BigInt(name)
        : undefined
      : session.registers()?.get(register);
  if (address === undefined) return undefined;
  const length = bytes ?? word;
  const at = `0x${address.toString(16)}`;
  return { dataId: `${at}:${length}`, description: `${length} bytes at ${at}` };
}

/** Throws RangeError for what is no address. */
export function addressOf(reference: string): bigint {
  if (!/^(?:0x[0-9a-f]+|\d+)$/i.test(reference))
    throw new RangeError(`${JSON.stringify(reference)} is no address; give a number such as 0x10430`);
  return BigInt(reference);
}
