import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Isochron } from '../../application/isochron.ts';
import type { Invocation } from './command.ts';
import type { guestOptions } from './guest-request.ts';
import { guestRequest, namingProgram } from './guest-request.ts';
import { historyAndInstant } from './instants.ts';
import { single } from './option-values.ts';
import { ProgressLine } from './progress.ts';
import type { engineOption } from './shared-options.ts';
import { endReason } from './status-text.ts';
import { grouped } from './tables.ts';
import { UsageError } from './usage-error.ts';

/** What commands that serve debuggers have in common: what is debugged, and where they listen. */

/** The recording that a program is kept as while it is debugged. */
const temporary = 'program';

export interface DebugTarget {
  readonly isochron: Isochron;
  /** The recording, or a branch of it. */
  readonly recording: string;
  /** Where to begin. */
  readonly icount: number;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
}

export const debugOperands = [
  {
    name: 'TARGET',
    summary: 'a recording’s name, a branch or an instant of it, or a program',
    required: true,
    complete: 'recording',
  },
  {
    name: 'ARGUMENT',
    summary: 'goes to the program as it is',
    required: false,
    repeated: true,
  },
] as const;

/** Finds the recording, or makes one of the program. */
export async function debugTarget(
  invocation: Invocation<typeof guestOptions & typeof engineOption>,
  say: (line: string) => void,
): Promise<DebugTarget> {
  const { options: given, operands, terminal, open } = invocation;
  const [name] = operands as [string];
  const isFile = existsSync(resolve(terminal.workingDirectory, name));
  // What begins like a path is one, also where no file is there.
  if (!/^[./]/.test(name) && !(isFile && name.includes('/'))) {
    const isochron = await open();
    // What is neither is reported as a recording that is not there.
    if (!isFile || (await isochron.names()).includes(name)) {
      const { recording, icount = 0 } = historyAndInstant(name);
      return { isochron, recording, icount };
    }
    await isochron.close();
  }
  const request = guestRequest(given, operands, terminal);
  const isochron = await open('none');
  const progress = new ProgressLine(terminal, `recording ${name}`);
  const result = await isochron
    .run({
      ...request,
      record: temporary,
      output: (_, bytes) => {
        progress.clear();
        terminal.write('stderr', bytes);
      },
      signal: terminal.interruption,
      onProgress: progress.show,
    })
    .catch((error: unknown) => {
      throw namingProgram(error, name);
    });
  progress.clear();
  say(`recorded ${grouped(result.icount)} instructions of ${name}: ${endReason(result.status)}`);
  return { isochron, recording: temporary, icount: 0 };
}

/** The option that says where a debugger connects. */
export const listenOption = (who: string, { host, port }: Listening, fallback = `${host}:${port}`) => ({
  listen: single(
    'HOST:PORT|stdio',
    `where ${who} connects; port 0: any free one`,
    (word) => parseListen(word, { host, port }),
    { fallback },
  ),
});

/** `HOST:PORT`, `[IPV6]:PORT`, `:PORT` (loopback), `PORT`, `stdio`. */
function parseListen(word: string, standard: Listening): 'stdio' | Listening {
  if (word === 'stdio') return word;
  const found = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d{1,5})$/.exec(word);
  const port = Number(found?.[3]);
  if (!found || port > 65_535)
    throw new UsageError(
      `${JSON.stringify(word)} is no place to listen at`,
      `give HOST:PORT, such as ${standard.host}:${standard.port}, or stdio`,
    );
  return { host: (found[1] ?? found[2]) || standard.host, port };
}
