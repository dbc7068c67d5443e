import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The comment that a script begins with, which says how it is used. */
const usageOf = (file: string): string => {
  const comment = /^\/\*\*\n(.*?)\n \*\//s.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  return comment.replaceAll(/^ \* ?/gm, '');
};

/**
 * The options that a script was given, as `parseArgs` tells them. `--help` prints `usage`, or the comment that the script begins with; an option that
 * it does not have is an error of one line and exit code 2.
 */
export function scriptOptions<const T extends ParseArgsConfig>(
  script: string,
  config: T,
  usage = usageOf(fileURLToPath(script)),
): ReturnType<typeof parseArgs<T>> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    const [said] = (error as Error).message.split('. ');
    console.error(`${basename(fileURLToPath(script), '.ts')}: ${said}; --help tells the options`);
    process.exit(2);
  }
}
