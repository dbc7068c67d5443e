import { Subscription } from 'rxjs';
import type { EventsRequest, Isochron } from '../../../application/isochron.ts';
import type { StoredEvent } from '../../../application/ports/event-store.ts';
import type { Json } from '../../../domain/shared/event.ts';
import { command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { toJson } from '../json.ts';
import type { MachineEventType } from '../../../domain/virtual-machine/events.ts';
import { choice, count, flag, repeated } from '../option-values.ts';
import { recordingOperand, storeOption } from '../shared-options.ts';

const types: Readonly<Record<MachineEventType, true>> = {
  MachineCreated: true,
  MachineStarted: true,
  HostReplied: true,
  ExecutionAdvanced: true,
  CheckpointTaken: true,
  MachineExited: true,
  MachineStopped: true,
  MachineForked: true,
  RequestUnanswered: true,
};

export const events = command({
  name: 'events',
  summary: 'print the events of a recording',
  operands: [recordingOperand],
  options: {
    type: repeated(
      'TYPE',
      'only events of this type, such as HostReplied',
      choice('TYPE', Object.keys(types), '').parse,
      { complete: Object.keys(types) },
    ),
    from: count('REVISION', 'begin with this revision', { fallback: '0' }),
    limit: count('N', 'print at most N events'),
    follow: flag('keep printing events as they are recorded, until Ctrl-C', 'f'),
    json: flag('print one JSON object a line'),
    ids: flag('with --json, also the id that each event has in the store'),
    ...storeOption,
  },
  description: [
    'Prints what was recorded, one event a line: its revision in the recording’s stream, its type and its data. The types and their fields are described in docs/reference/events.md.',
    'The same run with the same seed gives the same lines; only --ids tells them apart.',
    'With --follow, also events that another process is recording right now.',
  ],
  examples: [
    { command: 'isochron events first', says: 'all events of the recording first' },
    {
      command: 'isochron events first --type HostReplied --limit 10',
      says: 'the first ten answers of the host',
    },
    { command: 'isochron events first --json', says: 'one JSON object a line, for other programs' },
  ],
  async run({ options, operands, terminal, open }) {
    const isochron = await open();
    // An unknown name is an error here, also when nothing would be printed.
    if (!options.follow) await isochron.show(operands[0]!);
    const request: EventsRequest = {
      recording: operands[0]!,
      from: options.from,
      limit: options.limit,
      follow: options.follow,
      types: options.type.length === 0 ? undefined : options.type,
    };
    await forEach(isochron, request, terminal.interruption, (event) => {
      terminal.write(
        'stdout',
        options.json ? toJson(jsonOf(event, options.ids)) : line(event, terminal.columns),
      );
    });
    return terminal.interruption.aborted ? exitStatus.interrupted : exitStatus.success;
  },
});

const jsonOf = ({ id, type, version, data, revision }: StoredEvent, withId: boolean) => ({
  revision,
  type,
  version,
  data,
  ...(withId ? { id } : {}),
});

function forEach(
  isochron: Isochron,
  request: EventsRequest,
  signal: AbortSignal,
  action: (event: StoredEvent) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const subscription = new Subscription();
    let failed = false;
    const finish = () => {
      subscription.unsubscribe();
      resolve();
    };
    signal.addEventListener('abort', finish, { once: true });
    const observer = {
      next: (event: StoredEvent) => {
        if (failed || signal.aborted) return;
        try {
          action(event);
        } catch (error) {
          failed = true;
          subscription.unsubscribe();
          reject(error as Error);
        }
      },
      error: reject,
      complete: finish,
    };
    // Events may arrive during the call: then unsubscribing has happened already, and `add` honours it.
    subscription.add(isochron.events(request).subscribe(observer));
    if (signal.aborted) finish();
  });
}

/** One event on one line of at most `width` columns (long values are cut, marked by an ellipsis). */
function line(event: StoredEvent, width: number): string {
  const text = `${String(event.revision).padStart(6)}  ${event.type.padEnd(18)} ${dataText(event.data)}`;
  return `${text.length > width ? `${text.slice(0, width - 1)}…` : text}\n`;
}

const dataText = (data: Json): string =>
  data !== null && typeof data === 'object' && !Array.isArray(data)
    ? Object.entries(data)
        .map(([key, value]) => `${key}=${valueText(value)}`)
        .join(' ')
    : JSON.stringify(data);

/** A digest is long and says little: its first twelve digits tell it apart. */
const valueText = (value: Json): string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
    ? `${value.slice(0, 12)}…`
    : JSON.stringify(value);
