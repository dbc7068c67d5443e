import { inputNames, type PromotionModel } from '../../domain/guidance/promotion-model.ts';

/** Zero */
export const usualModel: PromotionModel = {
  kind: 'isochron promotion model',
  version: 1,
  pays: 65536,
  samples: 0,
  programs: 0,
  bias: 0,
  inputs: inputNames.map((name) => ({ name, mean: 0, scale: 1, coefficient: 0 })),
};
