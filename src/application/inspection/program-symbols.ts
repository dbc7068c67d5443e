import type { Stores } from '../recording/journal.ts';
import { recordedEvents, recordedSetup } from '../recording/recorded-events.ts';
import { linkedEntry, readSymbols, type SymbolTable } from './symbols.ts';

/** The symbols of a recorded program, where it lies. Throws the stores' faults, and `damaged-recording`. */
export async function programSymbols(recording: string, stores: Stores): Promise<SymbolTable> {
  const setup = await recordedSetup(stores.events, recording);
  const image = await stores.blobs.get(setup.program.digest);
  for await (const { event } of recordedEvents(stores.events, recording, 1)) {
    if (event.type !== 'MachineStarted') break;
    const { entry } = event.data;
    const bias = /^0x[0-9a-f]+$/.test(entry) ? BigInt(entry) - linkedEntry(image) : 0n;
    return readSymbols(image, bias);
  }
  return readSymbols(image, 0n);
}
