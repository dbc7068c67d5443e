import { alikeRuns, pageBytes } from './alike-runs.ts';
import { pageBit } from './control-memory.ts';

const special = pageBit.touched | pageBit.dirty | pageBit.hasCode;

/** Makes the bytes of pages `[first, end)` `fresh`, and calls `change` for those that hold or have held something instead. */
export function changePageBytes(
  flags: Uint8Array,
  first: number,
  end: number,
  fresh: number,
  change: (page: number) => void,
): void {
  for (const run of alikeRuns(pageBytes(flags), first, end))
    if ((flags[run.first]! & special) === 0) flags.fill(fresh, run.first, run.end);
    else for (let page = run.first; page < run.end; page++) change(page);
}
