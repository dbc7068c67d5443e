/**
 * Trains the model that comes with Isochron, from profiles of the benchmark's programs: `npm run train:model`. Writes
 * src/infrastructure/guidance/usual-model.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { trainModel } from '../src/application/guidance/train-model.ts';
import type { ProfiledBlock } from '../src/domain/profile/events.ts';
import { guidedPrograms } from './bench/guided-programs.ts';
import { profileOf } from './bench/profile-program.ts';

const target = fileURLToPath(new URL('../src/infrastructure/guidance/usual-model.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'isochron-model-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const profiles: (readonly ProfiledBlock[])[] = [];
for (const program of guidedPrograms(join(scratch, 'bin'))) {
  console.error(`${program.name}: profiling`);
  profiles.push(await profileOf(program, join(scratch, 'store')));
}
const { model, accuracy } = trainModel(profiles);
const text = `import type { PromotionModel } from '../../domain/guidance/promotion-model.ts';

/** The model that is used unless another is given. Written by \`npm run train:model\`. */
export const usualModel: PromotionModel = ${JSON.stringify(model)};
`;
const options = await prettier.resolveConfig(target);
writeFileSync(target, await prettier.format(text, { ...options, filepath: target }));
console.log(accuracy);
