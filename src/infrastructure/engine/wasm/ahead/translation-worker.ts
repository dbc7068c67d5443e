import { parentPort, workerData } from 'node:worker_threads';
import { RegionFiles } from '../cache/region-files.ts';
import { RegionMaker } from './region-maker.ts';
import type { TranslationReply, TranslationRequest, TranslationSetup } from './thread-translator.ts';

// A thread that translates ahead: answers one request after another.
const port = parentPort;
if (port === null) throw new Error('translation-worker.ts runs as a worker thread only');
const { setup, directory, identity } = workerData as TranslationSetup;
let maker: RegionMaker | undefined;
port.on('message', (addresses: TranslationRequest) => {
  maker ??= new RegionMaker(setup, new RegionFiles(directory, identity));
  port.postMessage(maker.make(addresses) satisfies TranslationReply);
});
