import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProfiledBlock } from '../../src/domain/profile/events.ts';
import { openIsochron } from '../../src/library.ts';
import type { GuidedProgram } from './guided-programs.ts';

/** The hot blocks of a program, from a recording of its small input; `folder` is for the store. */
export async function profileOf(
  { name, path, profiled }: GuidedProgram,
  folder: string,
): Promise<readonly ProfiledBlock[]> {
  const isochron = await openIsochron({ directory: join(folder, name.replaceAll(/\W/g, '-')) });
  try {
    const recording = 'small';
    await isochron.run({
      program: readFileSync(path),
      programPath: '/bin/program',
      arguments: profiled,
      mounts: [{ host: dirname(path), guest: '/data', readOnly: true }],
      record: recording,
    });
    const { program } = await isochron.guidance.profile({ recording });
    return [...((await isochron.guidance.profileOf(program))?.blocks.values() ?? [])];
  } finally {
    await isochron.close();
  }
}
