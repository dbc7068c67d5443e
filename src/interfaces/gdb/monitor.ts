import type { ForkResult } from '../../application/branches/fork-request.ts';
import { lastEdit } from '../../application/travel/fork-edits.ts';
import { countOfInstant, instantAddress } from '../../application/travel/instant.ts';
import type { TravelSession } from '../../application/travel/travel.ts';
import type { Edit } from '../../domain/virtual-machine/edit.ts';
import { slotNamed } from '../register-names.ts';
import type { Debuggee } from './debuggee.ts';

/** Makes a branch at the instant at which the session stands. */
export type Fork = (edits: readonly Edit[], branch?: string) => Promise<ForkResult>;

interface Monitored {
  readonly debuggee: Debuggee;
  /** Instants remembered. */
  readonly marks: number[];
  readonly fork: Fork;
}

interface MonitorCommand {
  readonly usage: string;
  readonly says: string;
  run(words: readonly string[], monitored: Monitored): Promise<string> | string;
}

const addressOf = ({ recording, icount }: TravelSession, at = icount): string =>
  instantAddress(recording, at);

const refresh = 'GDB does not know yet: enter `maintenance flush register-cache`, or step.';

const commands: Readonly<Record<string, MonitorCommand>> = {
  when: {
    usage: 'when',
    says: 'the instant at which the guest stands: recording/branch/instruction count',
    run: (_, { debuggee: { session } }) => addressOf(session),
  },
  seek: {
    usage: 'seek COUNT',
    says: 'go to an instruction count (a number, or an instant as `when` prints it)',
    run: async ([where = ''], { debuggee }) => {
      await debuggee.seek(countOfInstant(where, debuggee.session.recording));
      return `${addressOf(debuggee.session)}\n${refresh}`;
    },
  },
  checkpoint: {
    usage: 'checkpoint',
    says: 'remember this instant, under a number',
    run: (_, { debuggee: { session }, marks }) => {
      const number = marks.push(session.icount);
      return `checkpoint ${number} at ${addressOf(session)}`;
    },
  },
  checkpoints: {
    usage: 'checkpoints',
    says: 'the instants remembered',
    run: (_, { debuggee: { session }, marks }) =>
      marks.map((icount, index) => `${index + 1}: ${addressOf(session, icount)}`).join('\n') ||
      'none: see checkpoint',
  },
  restart: {
    usage: 'restart NUMBER',
    says: 'go to an instant remembered',
    run: async ([number = ''], { debuggee, marks }) => {
      const icount = marks[Number(number) - 1];
      if (icount === undefined) return `there is no checkpoint ${JSON.stringify(number)}; see checkpoints`;
      await debuggee.seek(icount);
      return `${addressOf(debuggee.session)}\n${refresh}`;
    },
  },
  'who-wrote': {
    usage: 'who-wrote ADDR[:LEN]',
    says: 'the last write of these bytes (8, unless told otherwise) before this instant',
    run: async ([range = ''], { debuggee: { session } }) => {
      const found = /^(0x[0-9a-f]+|\d+)(?::(\d+))?$/i.exec(range);
      if (!found) return `${JSON.stringify(range)} is no range; give ADDR or ADDR:LEN`;
      const { icount } = session;
      const watched = { address: BigInt(found[1]!), length: Number(found[2] ?? 8) };
      const event = await session.previous({ memory: [{ access: 'write', ...watched }] });
      const place = { kind: 'memory', ...watched, process: undefined } as const;
      const edited = lastEdit(session, place, { from: event ? event.icount + 1 : 0, until: icount });
      await session.seek(icount);
      if (edited !== undefined) return `${addressOf(session, edited)}: changed by the fork there`;
      if (event === undefined) return 'nothing wrote there before';
      return `${addressOf(session, event.icount)}: thread ${event.thread} at 0x${event.pc.toString(16)}`;
    },
  },
  fork: {
    usage: 'fork [NAME] [REGISTER=VALUE|ADDR=HEX]...',
    says: 'make a branch here with something changed, and say how to debug it',
    run: async (words, { debuggee: { session }, fork }) => {
      const changes = words.filter((word) => word.includes('='));
      const edits = changes.map((word) => editOf(word, session));
      const wrong = changes.find((_, index) => edits[index] === undefined);
      if (wrong !== undefined)
        return `${JSON.stringify(wrong)} changes nothing; give REGISTER=VALUE or ADDR=HEX`;
      const name = words.find((word) => !word.includes('='));
      const { recording, at, icount } = await fork(edits as readonly Edit[], name);
      return `${recording} goes on to instruction ${icount}; \`isochron gdb ${instantAddress(recording, at)}\` debugs it from here`;
    },
  },
  help: {
    usage: 'help',
    says: 'this list',
    run: () =>
      Object.values(commands)
        .map(({ usage, says }) => `monitor ${usage.padEnd(16)}  ${says}`)
        .join('\n'),
  },
};

/** `x10=5`, `0x12340=00ff`, in the thread whose turn it is. */
function editOf(word: string, session: TravelSession): Edit | undefined {
  const [what = '', value = ''] = word.split('=');
  const thread = session.currentThread;
  if (/^0x[0-9a-f]+$/i.test(what) && /^(?:[0-9a-f]{2})+$/i.test(value))
    return { kind: 'memory', thread, address: what.toLowerCase(), bytes: value.toLowerCase() };
  const register = slotNamed(what, session.isa.layout.slots);
  if (register === undefined || !/^(?:0x[0-9a-f]+|\d+)$/i.test(value)) return undefined;
  return { kind: 'register', thread, register, value: `0x${BigInt(value).toString(16)}` };
}

/** Runs a line that was entered after `monitor`; gives what GDB is to print. */
export async function monitor(line: string, monitored: Monitored): Promise<string> {
  const [name = '', ...words] = line.trim().split(/\s+/);
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found === undefined) return `there is no monitor command ${JSON.stringify(name)}; try \`monitor help\``;
  try {
    return await found.run(words, monitored);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.message;
    throw error;
  }
}
