import { bytesOfHex, type Edit } from '../../domain/virtual-machine/edit.ts';
import type { Errno, HostReply } from '../ports/host-system.ts';
import { RecordingError } from '../recording/recording-error.ts';
import type { ReplyToGive } from '../recording/replayed-host.ts';

const invalid = (message: string): RecordingError => new RecordingError('invalid-request', message);

/**
 * The parent's replies from the fork on, with the edits of replies and of standard input made. `stdinRead`: bytes of standard
 * input that were read before the fork. Throws `invalid-request` for an edit of what is not there, or not yet to come.
 */
export function editReplies(
  replies: readonly ReplyToGive[],
  edits: readonly Edit[],
  stdinRead: number,
): readonly ReplyToGive[] {
  const edited = [...replies];
  for (const edit of edits) {
    switch (edit.kind) {
      case 'stdin':
        editStdin(edited, edit.offset, bytesOfHex(edit.bytes), stdinRead);
        break;
      case 'reply':
      case 'result':
      case 'failure': {
        const at = edited.findIndex(({ revision }) => revision === edit.revision);
        if (at < 0) throw notToCome(edit.revision, replies);
        edited[at] = { ...edited[at]!, reply: editedReply(edited[at]!, edit) };
      }
    }
  }
  return edited;
}

function notToCome(revision: number, replies: readonly ReplyToGive[]): RecordingError {
  const first = replies[0];
  const rest =
    first === undefined
      ? 'there is none after this instant'
      : `the first one is ${first.revision} (${first.call} at ${first.icount})`;
  return invalid(
    `event ${revision} is no reply that the guest gets after this instant; ${rest}: see \`isochron events --type HostReplied\``,
  );
}

function editedReply(
  { revision, call, reply }: ReplyToGive,
  edit: Extract<Edit, { kind: 'reply' | 'result' | 'failure' }>,
): HostReply {
  if (edit.kind === 'failure') return { ok: false, error: edit.error as Errno };
  if (edit.kind === 'result') {
    if (reply.ok && reply.value === undefined)
      throw invalid(`the reply ${revision} to ${call} holds no number that could be ${edit.value}`);
    return reply.ok ? { ...reply, value: edit.value } : { ok: true, value: edit.value };
  }
  const bytes = bytesOfHex(edit.bytes);
  const held = reply.ok ? (reply.bytes ?? new Uint8Array()) : new Uint8Array();
  if (edit.offset + bytes.length > held.length)
    throw invalid(
      `the reply ${revision} to ${call} holds ${held.length} bytes, so ${bytes.length} at ${edit.offset} cannot be changed`,
    );
  return { ...reply, ok: true, bytes: patched(held, edit.offset, bytes) };
}

function editStdin(replies: ReplyToGive[], offset: number, wanted: Uint8Array, stdinRead: number): void {
  if (offset < stdinRead)
    throw invalid(
      `byte ${offset} of standard input was read before this instant, which is behind byte ${stdinRead}: fork earlier`,
    );
  let begin = stdinRead;
  replies.forEach((reply, at) => {
    if (reply.call !== 'readStdin' || !reply.reply.ok) return;
    const held = reply.reply.bytes ?? new Uint8Array();
    const from = Math.max(offset, begin);
    const part = wanted.subarray(from - offset, Math.max(from, begin + held.length) - offset);
    if (part.length > 0 && from < begin + held.length)
      replies[at] = { ...reply, reply: { ...reply.reply, bytes: patched(held, from - begin, part) } };
    begin += held.length;
  });
  if (offset + wanted.length > begin)
    throw invalid(
      `the guest read ${begin} bytes of standard input, so ${wanted.length} at ${offset} cannot be changed`,
    );
}

function patched(bytes: Uint8Array, at: number, by: Uint8Array): Uint8Array {
  const edited = bytes.slice();
  edited.set(by, at);
  return edited;
}
