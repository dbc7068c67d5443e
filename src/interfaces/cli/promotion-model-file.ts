import { modelFault, type PromotionModel } from '../../domain/guidance/promotion-model.ts';
import { readWhole } from './files.ts';
import { CommandFailure } from './usage-error.ts';

/** The model in a file that `isochron profile train` wrote. Throws CommandFailure. */
export function readModel(path: string): PromotionModel {
  const text = new TextDecoder().decode(readWhole(path));
  const refuse = (why: string): never => {
    throw new CommandFailure(
      'invalid-model',
      `cannot use the model in ${path}`,
      why,
      'make one with `isochron profile train --out FILE`',
    );
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse((error as Error).message);
  }
  const fault = modelFault(parsed);
  return fault === undefined ? (parsed as PromotionModel) : refuse(fault);
}
