import { expect, test } from '@jest/globals';
import { control, targetSamples } from '../../memory/control-memory.ts';
import { TargetSamples } from './target-samples.ts';

const site = 0x1_0000;

/** Samples, and what translated code does where a jump is sampled. */
function samplesWith(...rounds: readonly number[]) {
  const memory = new ArrayBuffer(0x1_0000);
  const samples = new TargetSamples(memory, rounds);
  const words = new Int32Array(memory);
  const goTo = (number: number, target: number) => {
    const left = --words[control.targetsLeft / 4 + number]!;
    words[control.targets / 4 + number * targetSamples.targets + (left & (targetSamples.targets - 1))] =
      target;
    return left === 0;
  };
  return { samples, goTo };
}

test('what was seen in a round is guessed, most often first', () => {
  const { samples, goTo } = samplesWith(16, 16);
  const number = samples.sampled(site)!;
  expect(samples.guesses(site)).toEqual([]);
  const ended = [5, 5, 7, 5, 5, 5, 7, 7, 7, 9, 5, 5, 5, 5, 7, 5].map((target) => goTo(number, target));
  expect(ended.indexOf(true)).toBe(15);
  expect(samples.learn()).toEqual([site]);
  expect(samples.guesses(site)).toEqual([5, 7, 9]);
});

test('a further round adds what was not guessed, and the last closes the jump', () => {
  const { samples, goTo } = samplesWith(1, 2);
  const number = samples.sampled(site)!;
  goTo(number, 4);
  samples.learn();
  expect(samples.sampled(site)).toBe(number);
  goTo(number, 6);
  expect(samples.learn()).toEqual([]);
  goTo(number, 6);
  expect(samples.learn()).toEqual([site]);
  expect(samples.guesses(site)).toEqual([4, 6]);
  expect(samples.sampled(site)).toBeUndefined();
});

test('never guesses more than eight targets', () => {
  const { samples, goTo } = samplesWith(16, 16);
  const number = samples.sampled(site)!;
  for (let target = 0; target < 16; target++) goTo(number, target);
  samples.learn();
  expect(samples.guesses(site)).toHaveLength(8);
  expect(samples.sampled(site)).toBeUndefined();
});

test('samples each of so many jumps, and no others', () => {
  const { samples } = samplesWith(1);
  const numbers = Array.from({ length: targetSamples.sites }, (_, at) => samples.sampled(4 * at));
  expect(new Set(numbers).size).toBe(targetSamples.sites);
  expect(samples.sampled(4 * targetSamples.sites)).toBeUndefined();
});

test('begins with what another process knew, under the number that its code has', () => {
  const { samples: before, goTo } = samplesWith(4, 2);
  const number = before.sampled(site)!;
  for (const target of [4, 4, 4, 6]) goTo(number, target);
  before.learn();
  const known = before.at(site);
  const { samples, goTo: goHere } = samplesWith(4, 2);
  expect(samples.adopt([known])).toBe(true);
  expect(samples.at(site)).toEqual({ address: site, number, round: 1, guesses: [4, 6] });
  expect([7, 7].map((target) => goHere(number, target))).toEqual([false, true]);
  expect(samples.learn()).toEqual([site]);
  expect(samples.guesses(site)).toEqual([4, 6, 7]);
  // More is known by now than the code was made with.
  expect(samples.adopt([known])).toBe(false);
});

test('takes over no number that another jump has', () => {
  const { samples } = samplesWith(4);
  const number = samples.sampled(site)!;
  expect(samples.adopt([{ address: site + 2, number, round: 0, guesses: [] }])).toBe(false);
  expect(samples.adopt([{ address: site + 2, number: undefined, round: 1, guesses: [8] }])).toBe(true);
  expect(samples.sampled(site + 2)).toBeUndefined();
  expect(samples.guesses(site + 2)).toEqual([8]);
});

test('numbers jumps alike in every process, as far as none is in the way of another', () => {
  const sites = [site, site + 12, site + 400];
  const numbers = (order: readonly number[]) => {
    const { samples } = samplesWith(1);
    return new Map(order.map((address) => [address, samples.sampled(address)]));
  };
  const [one, other] = [numbers(sites), numbers(sites.toReversed())];
  for (const address of sites) expect(one.get(address)).toBe(other.get(address));
});
