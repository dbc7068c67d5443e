import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where files lie that only save time: `ISOCHRON_CACHE`, or `isochron` in the user's cache directory (XDG Base Directory
 * Specification); undefined where `ISOCHRON_CACHE` is empty.
 */
export function cacheDirectory(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const chosen = environment['ISOCHRON_CACHE'];
  if (chosen !== undefined) return chosen === '' ? undefined : chosen;
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'isochron');
}
