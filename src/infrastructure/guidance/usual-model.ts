import type { PromotionModel } from '../../domain/guidance/promotion-model.ts';

/** The model that is used unless another is given. Written by `npm run train:model`. */
export const usualModel: PromotionModel = {
  kind: 'isochron promotion model',
  version: 1,
  pays: 65536,
  samples: 1358,
  programs: 8,
  bias: -3.4867452165825497,
  inputs: [
    {
      name: 'log entries',
      mean: 11.08100147275405,
      scale: 1.4228023743525253,
      coefficient: 1.0512244610655352,
    },
    {
      name: 'log instructions retired per entry',
      mean: 10.170567132185486,
      scale: 2.6443180823289203,
      coefficient: -0.7983204644114155,
    },
    {
      name: 'log instructions retired',
      mean: 21.838981861325184,
      scale: 2.0334471378611743,
      coefficient: -1.2496117252213685,
    },
    {
      name: 'log instructions of the block',
      mean: 1.8398596468542898,
      scale: 1.2349928536333137,
      coefficient: 0.16180290268486502,
    },
    {
      name: 'share of loads',
      mean: 0.16468213803586004,
      scale: 0.19546824247837233,
      coefficient: -0.11388537560539959,
    },
    {
      name: 'share of stores',
      mean: 0.07510181174536502,
      scale: 0.1539273754981751,
      coefficient: 0.03973827564869468,
    },
    {
      name: 'share of floating point',
      mean: 0.0050151788049591734,
      scale: 0.03736339586625432,
      coefficient: -0.1622627569237787,
    },
    {
      name: 'backward branch',
      mean: 0.22385861561119294,
      scale: 0.4168284249278451,
      coefficient: 0.15203885144827436,
    },
    { name: 'call', mean: 0.08100147275405008, scale: 0.2728373767754759, coefficient: -0.14254678567138337 },
    { name: 'return', mean: 0.09572901325478646, scale: 0.2942192537480312, coefficient: 0.1237030990557832 },
    {
      name: 'indirect jump',
      mean: 0.11487481590574374,
      scale: 0.3188708085986591,
      coefficient: -0.019242836099892673,
    },
  ],
};
