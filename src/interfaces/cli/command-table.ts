import type { AnyCommand } from './command.ts';
import { asm } from './commands/asm.ts';
import { branches } from './commands/branches.ts';
import { compare } from './commands/compare.ts';
import { completion } from './commands/completion.ts';
import { dap } from './commands/dap.ts';
import { demo } from './commands/demo.ts';
import { diff } from './commands/diff.ts';
import { disasm } from './commands/disasm.ts';
import { doctor } from './commands/doctor.ts';
import { events } from './commands/events.ts';
import { explain } from './commands/explain.ts';
import { exportCommand } from './commands/export.ts';
import { fork } from './commands/fork.ts';
import { gdb } from './commands/gdb.ts';
import { heat } from './commands/heat.ts';
import { history } from './commands/history.ts';
import { indexCommand } from './commands/index-recording.ts';
import { inspect } from './commands/inspect.ts';
import { prove } from './commands/prove.ts';
import { origin } from './commands/origin.ts';
import { profile } from './commands/profile.ts';
import { recordings } from './commands/recordings.ts';
import { replay } from './commands/replay.ts';
import { run } from './commands/run.ts';
import { seek } from './commands/seek.ts';
import { sql } from './commands/sql.ts';
import { storeCopy } from './commands/store-copy.ts';
import { translate } from './commands/translate.ts';
import { verifyRecordings } from './commands/verify-recordings.ts';
import { verify } from './commands/verify.ts';
import { when } from './commands/when.ts';
import { whoWrote } from './commands/who-wrote.ts';
import { worker } from './commands/worker.ts';

/** Every command, in the order of the manual. */
export const commands: readonly AnyCommand[] = [
  run,
  replay,
  compare,
  inspect,
  seek,
  indexCommand,
  when,
  whoWrote,
  history,
  origin,
  heat,
  exportCommand,
  sql,
  fork,
  branches,
  diff,
  gdb,
  dap,
  events,
  ...recordings,
  storeCopy,
  verifyRecordings,
  verify,
  worker,
  prove,
  ...profile,
  translate,
  disasm,
  asm,
  explain,
  doctor,
  demo,
  completion,
];
