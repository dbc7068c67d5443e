import { basename } from 'node:path';
import type { GuestSetup } from '../../src/application/ports/guest-machine.ts';

/** What a guided program begins with. */
export const guidedSetup = (
  program: Uint8Array,
  path: string,
  guestArguments: readonly string[],
): GuestSetup => ({
  program,
  programPath: `/bin/${basename(path)}`,
  arguments: guestArguments,
  environment: {},
  workingDirectory: '/',
  mounts: [{ guest: '/data', readOnly: true }],
  seed: '0',
  epoch: '1767225600000000000',
  memorySize: 2 ** 32,
});
