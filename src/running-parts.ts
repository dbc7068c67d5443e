import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Runner } from './application/isochron.ts';
import { createLinuxMachine } from './application/linux/linux-machine.ts';
import type { ExecutionEngine } from './application/ports/execution-engine.ts';
import type { GuestFactory } from './application/ports/guest-factory.ts';
import { createRunner, type RunnerParts } from './application/runner.ts';
import type { IsochronParts } from './application/use-cases.ts';
import { riscv64 } from './domain/isa/riscv64/riscv64.ts';
import { MemoryBlobStore } from './infrastructure/blob-store/memory-blob-store.ts';
import { goldenEngine } from './infrastructure/engine/golden/golden-engine.ts';
import { KeptRegions } from './infrastructure/engine/wasm/cache/kept-regions.ts';
import { RegionFiles } from './infrastructure/engine/wasm/cache/region-files.ts';
import { keepForms } from './infrastructure/engine/wasm/interpreter/kept-forms.ts';
import { wasmEngineWith } from './infrastructure/engine/wasm/wasm-engine.ts';
import { MemoryEventStore } from './infrastructure/event-store/memory-event-store.ts';
import { StoredConsumerGroups } from './infrastructure/event-store/stored-consumer-groups.ts';
import { policies } from './infrastructure/guidance/policies.ts';
import { nodeHash } from './infrastructure/hashing/node-hash.ts';
import { cacheDirectory } from './infrastructure/host/cache-directory.ts';
import { createMountedHost } from './infrastructure/host/mounted-host-system.ts';
import { nodeClock } from './infrastructure/host/node-clock.ts';
import type { PlaceOfRegions } from './research-parts.ts';

type OpenStores = IsochronParts['stores'];

/** What stands behind the ports of running and recording programs. */
export type RunningParts = RunnerParts & Pick<IsochronParts, 'stores'>;

export interface OpenOptions {
  /** Where recordings are kept; undefined: in this process's memory. */
  readonly directory?: string | undefined;
  /** The shortest distance between digests of a recording, and between its checkpoints (a multiple), in instructions. */
  readonly digestInterval?: number;
  readonly checkpointInterval?: number;
  /**
   * The URL of an EventStoreDB or KurrentDB server (`esdb://…`, `kurrentdb://…`) that keeps the events instead; `directory`
   * then holds the blobs, unless the URL names another directory (`blobs=`).
   */
  readonly server?: string | undefined;
}

/** Opens the store, for those who only run programs: the other use cases are not loaded. Throws StoreFault. The caller closes what it gets. */
export async function openRunner(options: OpenOptions = {}): Promise<Runner> {
  return createRunner(await openParts(options));
}

/** Opens the store, with what runs programs there. Throws StoreFault. */
export async function openParts({ directory, server, ...intervals }: OpenOptions): Promise<RunningParts> {
  return {
    guests: linuxGuests([wasm, goldenEngine]),
    openHost: createMountedHost,
    stores: await keepingForms(openStores(directory, server)),
    hash: nodeHash,
    clock: nodeClock,
    newId: () => randomUUID(),
    policies,
    ...intervals,
  };
}

let long = (): void => undefined;

/** `listener` is called, more than once, when a program runs for so long that what V8 compiles of it and of this pays. */
export function onceLong(listener: () => void): void {
  long = listener;
}

/** Says that what is done from now on takes long, wherever in the process: what is kept of it wants V8 as it is then. */
export function becomeLong(): void {
  long();
}

let saveForms = (): void => undefined;
let kept: KeptRegions | undefined;

const wasm = wasmEngineWith({
  beforeRegion: becomeLong,
  kept() {
    const place = placeOfRegions();
    return (kept = place && new KeptRegions(new RegionFiles(place.directory, place.identity)));
  },
  prepare({ isa, program }) {
    const identity = bundleIdentity();
    const directory = cacheDirectory(process.env);
    if (identity !== undefined && directory !== undefined)
      saveForms = keepForms({
        isa,
        directory,
        otherwise: fileURLToPath(new URL('.', import.meta.url)),
        identity,
        guest: program,
      });
  },
});

/** What the interpreter learned, and what was translated, is kept when the stores have been closed. */
async function keepingForms(opening: Promise<OpenStores>): Promise<OpenStores> {
  const stores = await opening;
  return {
    ...stores,
    close: async () => {
      await stores.close();
      saveForms();
      kept?.save();
    },
  };
}

/** Where regions are kept, and of which program; undefined where they are not. */
export function placeOfRegions(): PlaceOfRegions | undefined {
  const directory = cacheDirectory(process.env);
  if (directory === undefined) return undefined;
  // From other files than the bundle's, which may change, only where it is asked for.
  const identity =
    bundleIdentity() ?? (process.env['ISOCHRON_CACHE'] === undefined ? undefined : filesIdentity());
  return identity === undefined ? undefined : { directory, identity };
}

/** SHA-256 of what files there are beside this one, and when they were last changed. */
function filesIdentity(): string {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return nodeHash(
    Buffer.from(
      files
        .map((name) => statSync(join(folder, name)))
        .map(({ size, mtimeMs }, index) => `${files[index]!} ${size} ${mtimeMs}`)
        .join('\n'),
    ),
  );
}

/** The bundle's SHA-256: only there is the code known that has run. */
function bundleIdentity(): string | undefined {
  try {
    return readFileSync(new URL('identity', import.meta.url), 'latin1');
  } catch {
    return undefined;
  }
}

/** Guests on any of these engines, the default first. */
export function linuxGuests(engines: readonly ExecutionEngine[]): GuestFactory {
  const byName = new Map(engines.map((engine) => [engine.name, engine]));
  return {
    engines: [...byName.keys()],
    onThisHost: (engine) => byName.get(engine)?.onThisHost?.(),
    create(setup, name, host, policy) {
      const engine = byName.get(name);
      if (engine === undefined) throw new RangeError(`no engine named ${name}`);
      return createLinuxMachine(setup, { engine, isa: riscv64, host, hash: nodeHash, policy });
    },
  };
}

async function openStores(directory: string | undefined, server: string | undefined): Promise<OpenStores> {
  if (server !== undefined) {
    const { openServerStore } =
      await import('./infrastructure/event-store/eventstoredb/open-server-store.ts');
    return openServerStore(server, directory ?? '.isochron');
  }
  if (directory !== undefined) {
    const { openRecordingStore } = await import('./infrastructure/event-store/open-recording-store.ts');
    return openRecordingStore(directory);
  }
  const [events, blobs] = [new MemoryEventStore(), new MemoryBlobStore()];
  return {
    events,
    blobs,
    groups: new StoredConsumerGroups(events),
    damage: [],
    close: async () => {
      await events.close();
      await blobs.close();
    },
  };
}
