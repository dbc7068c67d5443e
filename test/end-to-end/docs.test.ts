import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Runs every command that the documentation shows in a `console` block, page by page, each page in a folder of its own. A
 * command is a line after `$ `; the lines up to the next one are its standard output, in which `…` stands for anything
 * (alone on a line: any lines). `npm` commands in `sh` blocks must name scripts that exist. What the pages call
 * `localhost:2113` is a server of the tests.
 */
const shownServer = 'esdb://localhost:2113?tls=false';
const root = fileURLToPath(new URL('../..', import.meta.url));

function pages(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, block]) => block ?? '');

function stepsOf(text: string): Step[] {
  return blocksOf(text, 'console').flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command = '', ...output] = part.trimEnd().split('\n');
        return { command, output };
      }),
  );
}

/** `…` alone on a line is any number of lines; within a line, any text; trailing spaces and column widths do not count. */
function patternOf(lines: readonly string[]): RegExp {
  const escape = (text: string) =>
    text
      .trimEnd()
      .split('…')
      .map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&').replaceAll(/ {2,}/g, ' +'))
      .join('.*');
  const parts = lines.map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${escape(line)} *\\n`));
  return new RegExp(`^${parts.join('')}$`);
}

describe('the documentation', () => {
  let bin = '';
  let server: ChildProcess;
  let serverUrl = '';
  beforeAll(async () => {
    server = spawn(process.execPath, [join(root, 'test', 'eventstoredb', 'serve.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [url] = (await once(server.stdout!, 'data')) as [Buffer];
    serverUrl = url.toString().trim();
    bin = mkdtempSync(join(tmpdir(), 'isochron-docs-'));
    const main = join(root, 'bin', 'isochron.js');
    writeFileSync(join(bin, 'isochron'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
    // npx itself runs on the system's Node, which may be too old for our options.
    writeFileSync(join(bin, 'npx'), '#!/bin/sh\ntest -z "$NODE_OPTIONS" && exec "$@"\n');
    for (const name of ['isochron', 'npx']) chmodSync(join(bin, name), 0o755);
  });
  afterAll(() => {
    server.stdin?.end();
    rmSync(bin, { recursive: true, force: true });
  });

  const documented = ['README.md', 'CONTRIBUTING.md', ...pages('docs')]
    .map((page) => ({ page, steps: stepsOf(readFileSync(join(root, page), 'utf8')) }))
    .filter(({ steps }) => steps.length > 0);

  test('shows commands', () => {
    expect(documented.map(({ page }) => page)).toContain('docs/tutorial/your-first-recording.md');
  });

  test.each(documented)('$page does what it shows', ({ page, steps }) => {
    const folder = join(bin, page.replaceAll('/', '-'));
    mkdirSync(folder);
    for (const name of ['bin', 'test']) symlinkSync(join(root, name), join(folder, name));
    const env = { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, HOME: folder };
    for (const { command, output } of steps) {
      const { stdout, stderr, status } = spawnSync('sh', ['-c', command.replaceAll(shownServer, serverUrl)], {
        cwd: folder,
        env,
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect({ command, status, stderr: status === 0 ? '' : stderr }).toEqual({
        command,
        status: 0,
        stderr: '',
      });
      if (output.length > 0 && !patternOf(output).test(stdout))
        expect({ command, stdout }).toEqual({ command, stdout: output.join('\n') });
    }
  });

  test('links to pages that exist', () => {
    const broken = ['README.md', 'CONTRIBUTING.md', ...pages('docs')].flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)]
        .map(([, target]) => join(dirname(page), target ?? ''))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => ({ page, target })),
    );
    expect(broken).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = ['README.md', 'CONTRIBUTING.md', ...pages('docs')].flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/`?npm (?:run )?([a-z][\w:-]*)/g)].map(
        ([, name]) => name ?? '',
      ),
    );
    const known = new Set([...Object.keys(scripts), 'ci', 'install', 'pack', 'run']);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    expect(named).toContain('test');
  });

  test('has a command reference that is what the command table says', () => {
    const script = join(root, 'scripts', 'generate-cli-reference.ts');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
