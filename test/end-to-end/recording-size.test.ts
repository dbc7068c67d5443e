import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultDigestInterval, nextDigestPoint } from '../../src/domain/virtual-machine/schedule.ts';
import { type Isochron, openIsochron } from '../../src/library.ts';

/** What a compute-bound guest costs in events: nothing per instruction. */

let directory = '';
let isochron: Isochron;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'isochron-size-'));
  isochron = await openIsochron({ directory });
});
afterAll(async () => {
  await isochron.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a compute-bound guest records at most 0.002 bytes of events per instruction', async () => {
  const program = readFileSync(new URL('../guests/bin/compute', import.meta.url));
  const result = await isochron.run({
    program,
    programPath: '/bin/compute',
    arguments: ['20000000'],
    record: 'compute',
  });
  const { eventBytes, events, eventsByType } = await isochron.show('compute');
  console.log(
    `${result.icount} instructions, ${events} events, ${eventBytes} bytes: ${eventBytes / result.icount} bytes an instruction`,
  );
  expect(result.icount).toBeGreaterThan(300_000_000);
  expect(eventBytes / result.icount).toBeLessThanOrEqual(0.002);
  let points = 0;
  for (let at = 0; (at = nextDigestPoint(at, defaultDigestInterval)) <= result.icount;) points++;
  expect(eventsByType['ExecutionAdvanced']).toBe(points);
});
