import { Container } from 'inversify';
import type { Isochron } from './application/isochron.ts';
import type { CodeView } from './application/ports/code-view.ts';
import { createIsochron } from './application/use-cases.ts';
import { type ResearchParts, researchParts } from './research-parts.ts';
import {
  becomeLong,
  linuxGuests,
  type OpenOptions,
  openParts,
  placeOfRegions,
  type RunningParts,
} from './running-parts.ts';

export { onceLong, type OpenOptions, openRunner } from './running-parts.ts';

/** What the use cases are made of. The only file that imports inversify. */
const token = {
  running: Symbol('what runs and records programs'),
  research: Symbol('what the other use cases need'),
  isochron: Symbol('isochron'),
} as const;

/** Opens the store and wires the use cases to it. Throws StoreFault. The caller closes what it gets. */
export async function openIsochron(options: OpenOptions = {}): Promise<Isochron> {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind<RunningParts>(token.running).toResolvedValue(() => openParts(options));
  container
    .bind<ResearchParts>(token.research)
    .toResolvedValue(() => researchParts(linuxGuests, placeOfRegions, becomeLong));
  container
    .bind<Isochron>(token.isochron)
    .toResolvedValue(
      (running: RunningParts, research: ResearchParts) => createIsochron({ ...running, ...research }),
      [token.running, token.research],
    );
  return container.getAsync<Isochron>(token.isochron);
}

/** The code that the default engine makes of guest code, for people to read. */
export const openCodeView = async (): Promise<CodeView> =>
  (await import('./infrastructure/engine/wasm/wasm-code-view.ts')).wasmCodeView;
