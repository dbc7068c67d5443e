import { Worker } from 'node:worker_threads';
import { median } from './statistics.ts';

/** What it costs to have a worker thread that could translate: milliseconds, medians; CPU of all threads. */
export async function workerStart(times: number): Promise<{ readonly cpu: number; readonly wall: number }> {
  const samples: { cpu: number; wall: number }[] = [];
  for (let time = 0; time < times; time++) {
    const [before, began] = [process.cpuUsage(), performance.now()];
    const worker = new Worker(new URL('translator-worker.ts', import.meta.url));
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const { user, system } = process.cpuUsage(before);
    samples.push({ cpu: (user + system) / 1000, wall: performance.now() - began });
    await worker.terminate();
  }
  return { cpu: median(samples.map(({ cpu }) => cpu)), wall: median(samples.map(({ wall }) => wall)) };
}
