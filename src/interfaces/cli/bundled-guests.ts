import { fileURLToPath } from 'node:url';

/** The directory of the guest programs that come with Isochron, seen from src/ and from dist/ alike. */
export const bundledGuests = fileURLToPath(new URL('../../../test/guests/bin/', import.meta.url));
