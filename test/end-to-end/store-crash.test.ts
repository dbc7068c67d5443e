import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Digest } from '../../src/domain/shared/digest.ts';
import { openRecordingStore } from '../../src/infrastructure/event-store/open-recording-store.ts';

const writer = fileURLToPath(new URL('./store-writer.ts', import.meta.url));

/** Runs the writer and kills it `delay` ms after it has opened the store; gives the lines that it acknowledged. */
const killedWriter = (directory: string, delay: number): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', writer, directory]);
    let output = '';
    let errors = '';
    let timer: NodeJS.Timeout | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      timer ??= setTimeout(() => child.kill('SIGKILL'), delay);
    });
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('close', (_, signal) => {
      clearTimeout(timer);
      // The last line may be cut off by the kill; a line is an acknowledgement only when it is whole.
      if (signal === 'SIGKILL') resolve(output.split('\n').slice(1, -1));
      else reject(new Error(`the writer ended by itself: ${errors}`));
    });
  });

const rounds = Number(process.env['ISOCHRON_STORE_KILLS'] ?? 20);

test(`loses nothing that was acknowledged in ${String(rounds)} kills at random moments`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'isochron-kill-'));
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round++) {
    acknowledged.push(...(await killedWriter(directory, Math.random() * 150)));
    const store = await openRecordingStore(directory);
    for (const { what, lost } of store.damage) {
      expect([what, lost]).toEqual([
        expect.stringContaining('incomplete'),
        expect.stringContaining('nothing'),
      ]);
    }
    const found = new Set<string>();
    for (const stream of await store.events.streams()) {
      for await (const { revision, data } of store.events.read(stream)) {
        const { index, digests } = data as { index: number; digests: Digest[] };
        found.add(`${stream} ${String(revision)} ${String(index)}`);
        // `get` compares the bytes with the digest.
        for (const digest of digests) expect((await store.blobs.get(digest)).length).toBeGreaterThan(0);
      }
    }
    expect(acknowledged.filter((line) => !found.has(line))).toEqual([]);
    await store.close();
  }
  expect(acknowledged.length).toBeGreaterThan(rounds);
  await rm(directory, { recursive: true });
}, 3_600_000);
