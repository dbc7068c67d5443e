import { createTransformer } from '@swc/jest';
import { createHash } from 'node:crypto';
import { mutantNamed } from './catalogue.ts';
import { planted, sourceName } from './mutant.ts';

/** The usual transformer, which first puts the fault that ISOCHRON_MUTANT names into its file. */
const mutant =
  process.env.ISOCHRON_MUTANT === undefined ? undefined : mutantNamed(process.env.ISOCHRON_MUTANT);
const source = (text, path) => (mutant && sourceName(path) === mutant.file ? planted(mutant, text) : text);

export default {
  createTransformer(options) {
    const usual = createTransformer(options);
    return {
      canInstrument: usual.canInstrument,
      getCacheKey: (text, path, given) =>
        createHash('sha256')
          .update(usual.getCacheKey(source(text, path), path, given))
          .digest('hex')
          .slice(0, 32),
      process: (text, path, given) => usual.process(source(text, path), path, given),
      processAsync: (text, path, given) => usual.processAsync(source(text, path), path, given),
    };
  },
};
