/**
 * Loaded before a program (`node --import …/plant.ts`), gives it the source with the fault that ISOCHRON_MUTANT names. Only
 * sources are changed, as they are loaded: nothing of this is in the package, and no file is touched.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { mutantNamed } from './catalogue.ts';
import { planted, sourceName } from './mutant.ts';

const id = process.env['ISOCHRON_MUTANT'];
if (id !== undefined) {
  const mutant = mutantNamed(id);
  // Nothing can be planted in a bundle.
  process.env['ISOCHRON_SOURCES'] = '1';
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.startsWith('file:') || sourceName(fileURLToPath(url)) !== mutant.file) return loaded;
      if (loaded.source === undefined) throw new Error(`${mutant.file} was loaded without its source`);
      return { ...loaded, source: planted(mutant, Buffer.from(loaded.source as string).toString()) };
    },
  });
}
