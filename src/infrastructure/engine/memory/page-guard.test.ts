import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pageSize } from '../../../application/ports/guest-memory.ts';
import { pageBit } from './control-memory.ts';
import { PageGuard } from './page-guard.ts';
import type { HostAccess, PageProtection } from './page-protection.ts';

/** A host that notes what may be done to each page. */
function hostOf(pages: number) {
  const access = new Array<HostAccess>(pages).fill('read-write');
  const protection: PageProtection = {
    set: (_, start, end, to) => {
      access.fill(to, start / pageSize, end / pageSize);
      return true;
    },
  };
  return { access, protection };
}
const bytesOf = (pages: number) => ({ length: pages * pageSize }) as Uint8Array;

describe('the guard of pages', () => {
  const { mapped, read, write, execute, hasCode } = pageBit;
  const kinds = [
    [mapped, 'none'],
    [mapped | read, 'read'],
    [mapped | read | write, 'read-write'],
    [mapped | read | execute, 'read'],
    [mapped | read | write | hasCode, 'read'],
  ] as const;

  test('begins with every page as the guest may use it', () => {
    const runs = fc.array(
      fc.record({
        first: fc.integer({ min: 0, max: 9999 }),
        pages: fc.integer({ min: 1, max: 40 }),
        kind: fc.constantFrom(...kinds),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(runs, fc.integer({ min: 10_050, max: 20_000 }), (given, pages) => {
        const flags = new Uint8Array(pages);
        const wanted = new Array<HostAccess>(pages).fill('none');
        for (const { first, pages: length, kind } of given) {
          flags.fill(kind[0], first, first + length);
          wanted.fill(kind[1], first, first + length);
        }
        const { access, protection } = hostOf(pages);
        expect(new PageGuard(protection, bytesOf(pages), flags, true).lost).toBe(false);
        expect(access).toEqual(wanted);
      }),
      { numRuns: 50 },
    );
  });

  test('opens all where a page can be executed but not read', () => {
    const flags = new Uint8Array(6000);
    flags[5000] = mapped | execute;
    const { access, protection } = hostOf(flags.length);
    expect(new PageGuard(protection, bytesOf(flags.length), flags, true).lost).toBe(true);
    expect(new Set(access)).toEqual(new Set(['read-write']));
  });
});
