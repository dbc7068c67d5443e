import { describe, expect, test } from '@jest/globals';
import type { VerificationResult } from '../../../application/verification/verification.ts';
import { htmlReport } from './html-report.ts';

const result: VerificationResult = {
  campaign: undefined,
  resumedFrom: 0,
  notAsked: [],
  untried: ['add rd = x31'],
  unreachable: [],
  parked: [],
  state: {
    status: 'completed',
    verdict: 'refuted',
    setup: {
      isa: 'riscv64',
      subjects: ['add'],
      instructions: ['add'],
      relation: 'engine',
      tested: ['wasm:regions'],
      reference: 'golden',
      blockLength: 1,
      seed: '7',
      shards: 1,
      casesPerShard: 2,
    },
    verified: new Set([0]),
    cases: 2,
    knownDifferences: 0,
    counterexamples: [
      {
        shard: 0,
        instruction: 'add',
        tested: 'wasm:regions',
        original: 'add a0, a1, a2; ecall',
        listing: ['add a0, a1, a2'],
        case: '[33 85 c5 00] "add a0, a1, a2" a1=1 => a0=1',
        differences: [{ field: 'a0', expected: '0x1', found: '0x2' }],
      },
    ],
    coverage: { add: { 'rd = x0': { encodings: 3 }, one: { completes: 2 } } },
  },
};

describe('the HTML report', () => {
  const pages = htmlReport(result, 'zb.html');

  test('is a page with the verdict, the coverage map and what was not tried', () => {
    const page = pages.get('zb.html')!;
    expect(page).toContain('<p class="verdict refuted">refuted</p>');
    expect(page).toMatch(
      /<th scope="row">add<\/th><td>1<\/td><td>rd = x31<\/td><td>0<\/td><td>1<\/td><td>completes<\/td>/,
    );
    expect(page).toContain('href="zb-counterexample-1.html"');
  });

  test('has a page for each counterexample, with both states, the seed and the command that runs it again', () => {
    const page = pages.get('zb-counterexample-1.html')!;
    expect(page).toContain('seed 7 in shard 0');
    expect(page).toMatch(
      /<tr class="differs"><th scope="row">a0<\/th><td>0<\/td><td>0x1<\/td><td>0x2<\/td><td>differs<\/td>/,
    );
    expect(page).toContain(`isochron verify --case '[33`);
    expect(page).toContain('href="zb.html"');
    expect([...pages.keys()]).toEqual(['zb.html', 'zb-counterexample-1.html']);
  });

  test.each([...pages])('gives tables of %s captions, and headers their scope', (_, page) => {
    const tables = page.match(/<table>.*?<\/table>/gs) ?? [];
    expect(tables.length).toBeGreaterThan(0);
    for (const each of tables) {
      expect(each).toMatch(/^<table><caption>[^<]+<\/caption>/);
      expect(each.match(/<th(?! scope=)[ >]/g)).toBeNull();
    }
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).not.toContain('<script');
  });
});
