import type { TravelSession } from '../../application/travel/travel.ts';
import { binary, utf8 } from './packet.ts';
import { targetDescription } from './registers.ts';

/** What GDB reads in pieces by `qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH`, as payloads. */
export type Transfers = Readonly<Record<string, (annex: string) => string | undefined>>;

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0).toString()};`);

/** The objects that there are. `memorySize`: bytes of the guest's address space. */
export function transfersOf(session: TravelSession, memorySize: number): Transfers {
  return {
    features: (annex) => (annex === 'target.xml' ? targetDescription() : undefined),
    // The whole address space, for what is mapped changes as the guest runs, and GDB would not ask again.
    'memory-map': () =>
      `<?xml version="1.0"?>\n<memory-map><memory type="ram" start="0x0" length="0x${memorySize.toString(16)}"/></memory-map>\n`,
    auxv: () => binary(session.process().auxv),
    'exec-file': (annex) => utf8(session.process(threadOf(session, annex)).programPath),
    threads: () => {
      const threads = session
        .threads()
        .map(
          ({ id, name, process, state, waitingFor }) =>
            `<thread id="${id.toString(16)}" name="${escapeXml(name)}">process ${process}, ${state}${waitingFor === undefined ? '' : `: ${escapeXml(waitingFor)}`}</thread>`,
        );
      return utf8(`<?xml version="1.0"?>\n<threads>\n${threads.join('\n')}\n</threads>\n`);
    },
  };
}

/** A thread of the process that an annex numbers, in hexadecimal. */
const threadOf = (session: TravelSession, annex: string): number | undefined =>
  session.threads().find(({ process }) => process === Number.parseInt(annex, 16))?.id;

/** Answers one read: `m` and a piece, `l` and the last piece. */
export function piece(whole: string, offset: number, length: number): string {
  const part = whole.slice(offset, offset + length);
  return (offset + part.length < whole.length ? 'm' : 'l') + part;
}
