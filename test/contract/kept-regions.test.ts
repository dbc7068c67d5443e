import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { addressOf, code, functionOf, keeping, KeptGuest } from './kept-guest.ts';

/** Whether machine code was taken over as well depends on V8's flags, which measuring coverage changes; one test asks another process. */
const keptOrNot = (guest: KeptGuest, number: number): readonly string[] =>
  guest.regionsOf(number).map((how) => (how === 'optimised' || how === 'restored' ? 'kept' : how));

const script = fileURLToPath(new URL('keep-regions.ts', import.meta.url));
const count = 4;

/** Regions that another process has translated, and kept with the machine code that V8 made of them there. */
describe('kept regions', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'isochron-kept-'));
  const original = join(scratch, 'original');
  beforeAll(() => {
    execFileSync(process.execPath, [script, original, String(count)]);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  let copies = 0;
  /** A directory of its own with what was kept. */
  function copy(): string {
    const directory = join(scratch, `copy-${copies++}`);
    cpSync(original, directory, { recursive: true });
    return directory;
  }
  const filesIn = (directory: string): readonly string[] => {
    const [inner] = readdirSync(directory);
    return readdirSync(join(directory, inner!)).map((name) => join(directory, inner!, name));
  };
  function guestOf(directory: string, options = {}): KeptGuest {
    const guest = new KeptGuest(keeping(directory, options));
    for (let number = 0; number < count; number++) guest.place(number);
    return guest;
  }

  test('begin with the machine code that V8 made of them in another process', () => {
    const fromNothing = join(scratch, 'from-nothing');
    const run = () =>
      execFileSync(process.execPath, [script, fromNothing, String(count)], { encoding: 'utf8' });
    const all = (how: string) => JSON.stringify(Array.from({ length: count }, () => [how]));
    expect([run(), run()]).toEqual([all('translated'), all('optimised')]);
  });

  test('are run, and nothing is translated', () => {
    const guest = guestOf(original);
    for (let number = 0; number < count; number++) {
      expect(guest.call(number)).toBe(BigInt(10 * number));
      expect(keptOrNot(guest, number)).toEqual(['kept']);
    }
    expect(guest.events.map(({ type }) => type)).not.toContain('RegionTranslated');
  });

  test('stop at every instruction count as interpreted code does', () => {
    const guest = guestOf(original);
    const interpreted = guestOf(join(scratch, 'none'), { hotLimit: Infinity });
    for (let count = 0; count < 36; count++) {
      const stops = [guest, interpreted].map((each) => each.run(3, count));
      expect(stops[0]).toEqual(stops[1]);
      expect(guest.machine.cpu).toEqual(interpreted.machine.cpu);
      expect(guest.machine.icount).toBe(interpreted.machine.icount);
    }
    expect(keptOrNot(guest, 3)).toEqual(['kept']);
  });

  test.each([
    ['a byte of its digest', (bytes: Buffer) => bytes.fill(bytes[0]! ^ 1, 0, 1)],
    [
      'a byte in the middle',
      (bytes: Buffer) =>
        bytes.fill(bytes[bytes.length >> 1]! ^ 1, bytes.length >> 1, (bytes.length >> 1) + 1),
    ],
    ['its last byte', (bytes: Buffer) => bytes.fill(bytes.at(-1)! ^ 1, bytes.length - 1)],
    ['its end', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
    ['everything', () => Buffer.alloc(0)],
  ])('are as none where a file has lost %s', (_, damage) => {
    const directory = copy();
    for (const file of filesIn(directory)) writeFileSync(file, damage(readFileSync(file)));
    const guest = guestOf(directory);
    expect(guest.call(3)).toBe(30n);
    expect(keptOrNot(guest, 3)).toEqual(['translated']);
  });

  test('are not taken for other code that begins alike', () => {
    const guest = guestOf(original);
    guest.place(2, functionOf(2, 5));
    expect(guest.call(2)).toBe(25n);
    expect(guest.regionsOf(2)).toEqual(['translated']);
  });

  test('go when the guest changes their code, and come back with it', () => {
    const guest = guestOf(original);
    expect(guest.call(1)).toBe(10n);
    guest.place(1, functionOf(7));
    expect(guest.call(1)).toBe(70n);
    guest.place(1);
    expect(guest.call(1)).toBe(10n);
    expect(keptOrNot(guest, 1)).toEqual(['kept', 'changed', 'translated', 'changed', 'kept']);
  });

  test('are not entered where their code cannot be executed', () => {
    const guest = guestOf(original);
    guest.machine.memory.protect(code, 0x1000, 3);
    expect(guest.run(1)).toMatchObject({ reason: 'fault', fault: { access: 'fetch' } });
    expect(keptOrNot(guest, 1)).toEqual([]);
  });

  test('give way to breakpoints, and are found again without', () => {
    const guest = guestOf(original);
    const { machine } = guest;
    const { stops } = machine;
    expect(guest.call(1)).toBe(10n);
    machine.stops = { ...stops, pcs: new Set([addressOf(1) + 4]) };
    expect(guest.run(1)).toEqual({ reason: 'breakpoint' });
    expect(keptOrNot(guest, 1).slice(0, 3)).toEqual(['kept', 'replaced', 'translated']);
    machine.stops = stops;
    expect(guest.call(1)).toBe(10n);
    expect(keptOrNot(guest, 1).at(-1)).toBe('kept');
  });

  test('of one memory mode are not taken for another', () => {
    const guest = guestOf(original, { memory: 'checked' });
    expect(guest.call(1)).toBe(10n);
    expect(keptOrNot(guest, 1)).toEqual(['translated']);
  });

  test('that V8 had not optimised are compiled', () => {
    const directory = join(scratch, 'not-optimised');
    const translate = () => {
      const keeper = keeping(directory);
      const guest = new KeptGuest(keeper);
      guest.place(1, functionOf(123));
      expect(guest.call(1)).toBe(1230n);
      keeper.kept.save();
      return guest.regionsOf(1);
    };
    expect([translate(), translate(), translate()]).toEqual([['translated'], ['restored'], ['restored']]);
  });

  test('that stops cut short are not kept', () => {
    const directory = join(scratch, 'cut');
    const { kept, engine } = keeping(directory);
    const guest = new KeptGuest({ engine });
    guest.place(1);
    guest.machine.stops = { ...guest.machine.stops, pcs: new Set([addressOf(1) + 16]) };
    guest.run(1);
    kept.save();
    expect(() => readdirSync(directory)).toThrow();
  });

  test('may be written by several processes at once', async () => {
    const directory = join(scratch, 'shared');
    const run = promisify(execFile);
    await Promise.all([4, 3, 4, 2].map((each) => run(process.execPath, [script, directory, String(each)])));
    expect(filesIn(directory).filter((file) => file.endsWith('.new'))).toEqual([]);
    const guest = guestOf(directory);
    for (let number = 0; number < count; number++) {
      expect(guest.call(number)).toBe(BigInt(10 * number));
      expect(keptOrNot(guest, number)).toEqual(['kept']);
    }
  });

  test('are believed only where nobody else can write', () => {
    const directory = copy();
    chmodSync(join(directory, readdirSync(directory)[0]!), 0o777);
    const guest = guestOf(directory);
    expect(guest.call(1)).toBe(10n);
    expect(keptOrNot(guest, 1)).toEqual(['translated']);
  });
});
