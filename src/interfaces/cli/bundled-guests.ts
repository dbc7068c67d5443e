import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../package-root.ts';

/** The directory of the guest programs that come with Isochron. */
export const bundledGuests = fileURLToPath(new URL('test/guests/bin/', packageRoot));
