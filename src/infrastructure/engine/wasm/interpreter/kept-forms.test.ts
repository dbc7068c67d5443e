import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlockBuilder } from '../../../../domain/ir/builder.ts';
import type { InstructionSet } from '../../../../domain/isa/instruction-set.ts';
import { riscv64 } from '../../../../domain/isa/riscv64/riscv64.ts';
import { formsOf } from './forms.ts';
import { keepForms } from './kept-forms.ts';

const directory = mkdtempSync(join(tmpdir(), 'isochron-forms-'));
const identity = 'a'.repeat(64);
const file = join(directory, `forms-riscv64-${'a'.repeat(16)}`);

/** addi destination, a1, immediate */
const encoding = (immediate: number, destination = 10) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, ((immediate << 20) | 0x0005_8013 | (destination << 7)) >>> 0, true);
  return bytes;
};

function learn(isa: InstructionSet, bytes: Uint8Array): number {
  const decoded = isa.decode(bytes);
  if (typeof decoded === 'string') throw new Error(decoded);
  const builder = new BlockBuilder(isa.layout);
  builder.instruction(decoded.length);
  decoded.lift(builder);
  return formsOf(isa).learn({ decoded, block: builder.finish() });
}

/** An instruction set that no process has met. */
const fresh = (): InstructionSet => ({ ...riscv64 });

/** Which of the encodings are known in a new process, so to say. */
function known(by = identity): readonly boolean[] {
  const isa = fresh();
  keepForms({ isa, directory, identity: by });
  return [0, 1, 299].map((immediate) => formsOf(isa).find(encoding(immediate), 0, 4) !== 0);
}

describe('the file of forms', () => {
  beforeEach(() => {
    for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
    const isa = fresh();
    const save = keepForms({ isa, directory, identity });
    for (let immediate = 0; immediate < 299; immediate++) learn(isa, encoding(immediate));
    learn(isa, Uint8Array.of(0x82, 0x80));
    save();
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test('has what was learned', () => {
    expect(known()).toEqual([true, true, false]);
  });

  test('gives the same forms as learning anew', () => {
    const isa = fresh();
    keepForms({ isa, directory, identity });
    const before = formsOf(isa);
    const learned = fresh();
    for (const bytes of [encoding(7), Uint8Array.of(0x82, 0x80)]) {
      const [at, expected] = [before.find(bytes, 0, bytes.length), learn(learned, bytes)];
      const words = ({ words }: { readonly words: Int32Array }, from: number, to: number) => [
        ...words.subarray(from, to),
      ];
      const length = 3 + 2 * ((before.words[at + 1]! >> 8) & 0xff);
      expect(words(before, at + 1, at + length)).toEqual(
        words(formsOf(learned), expected + 1, expected + length),
      );
      expect(before.keyOf(before.words[at]!)).toBe(formsOf(learned).keyOf(formsOf(learned).words[expected]!));
      expect(before.exampleOf(before.words[at]!).nodes.length).toBeGreaterThan(1);
    }
  });

  test('is looked for elsewhere when it is not there, and written where it belongs', () => {
    const isa = fresh();
    const empty = join(directory, 'empty');
    const save = keepForms({ isa, directory: empty, otherwise: directory, identity });
    expect(formsOf(isa).find(encoding(1), 0, 4)).not.toBe(0);
    for (let immediate = 299; immediate < 600; immediate++) learn(isa, encoding(immediate));
    save();
    expect(readdirSync(empty)).toHaveLength(1);
  });

  test('goes on learning after what it had', () => {
    const isa = fresh();
    const save = keepForms({ isa, directory, identity });
    for (let immediate = 299; immediate < 600; immediate++) learn(isa, encoding(immediate));
    save();
    expect(known()).toEqual([true, true, true]);
  });

  test('is not written again for little', () => {
    const before = readFileSync(file);
    const isa = fresh();
    const save = keepForms({ isa, directory, identity });
    learn(isa, encoding(299));
    save();
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test.each(['the digest', 'the header', 'the tables'])('is not used when %s is damaged', (place) => {
    const bytes = readFileSync(file);
    const at = { 'the digest': 3, 'the header': 100, 'the tables': bytes.length - 5 }[place]!;
    bytes[at] = bytes[at]! ^ 1;
    writeFileSync(file, bytes);
    expect(known()).toEqual([false, false, false]);
  });

  test('is not used when it is cut short, or another program wrote it', () => {
    expect(known(identity.slice(0, 16).padEnd(64, 'b'))).toEqual([false, false, false]);
    writeFileSync(file, readFileSync(file).subarray(0, 70));
    expect(known()).toEqual([false, false, false]);
    writeFileSync(file, '');
    expect(known()).toEqual([false, false, false]);
  });

  test('leaves a few files of other programs, the newest', () => {
    for (let n = 1; n <= 5; n++) {
      const other = join(directory, `forms-riscv64-${n}`);
      writeFileSync(other, '');
      utimesSync(other, n, n);
    }
    rmSync(file);
    const isa = fresh();
    const save = keepForms({ isa, directory, identity });
    for (let immediate = 0; immediate < 300; immediate++) learn(isa, encoding(immediate));
    save();
    expect(readdirSync(directory).sort()).toEqual(
      ['forms-riscv64-3', 'forms-riscv64-4', 'forms-riscv64-5', `forms-riscv64-${'a'.repeat(16)}`].sort(),
    );
  });

  describe('of a guest', () => {
    const guest = (byte: number) => Uint8Array.of(0x7f, byte, 0x4c, 0x46);
    /** More than all guests share. */
    const many = { destinations: 5, immediates: 4096 };

    function runLarge(guest: Uint8Array): void {
      const isa = fresh();
      const save = keepForms({ isa, directory, identity, guest });
      for (let destination = 1; destination <= many.destinations; destination++)
        for (let immediate = 0; immediate < many.immediates; immediate++)
          learn(isa, encoding(immediate, destination));
      save();
    }

    function knows(bytes: Uint8Array, guest?: Uint8Array): boolean {
      const isa = fresh();
      keepForms({ isa, directory, identity, guest });
      return formsOf(isa).find(bytes, 0, 4) !== 0;
    }

    test('is its own where it learns more than all should read', () => {
      const before = readFileSync(file);
      runLarge(guest(1));
      expect(readFileSync(file).equals(before)).toBe(true);
      expect(readdirSync(directory)).toHaveLength(2);
      expect(knows(encoding(4000, 3), guest(1))).toBe(true);
      expect(knows(encoding(298), guest(1))).toBe(true);
      for (const other of [undefined, guest(2)]) {
        expect(knows(encoding(4000, 3), other)).toBe(false);
        expect(knows(encoding(298), other)).toBe(true);
      }
    });

    test('is that of all while it learns little', () => {
      const isa = fresh();
      const save = keepForms({ isa, directory, identity, guest: guest(1) });
      for (let immediate = 299; immediate < 600; immediate++) learn(isa, encoding(immediate));
      save();
      expect(readdirSync(directory)).toHaveLength(1);
      expect(knows(encoding(599), guest(2))).toBe(true);
    });

    test('stays when it was used, of many', () => {
      runLarge(guest(1));
      const [own] = readdirSync(directory).filter((name) => join(directory, name) !== file);
      const name = (n: number) => own!.replace(/.{4}$/, String(n).padStart(4, '0'));
      for (let n = 1; n <= 20; n++) {
        writeFileSync(join(directory, name(n)), '');
        utimesSync(join(directory, name(n)), n, n);
      }
      utimesSync(join(directory, own!), 1, 1);
      expect(knows(encoding(4000, 3), guest(1))).toBe(true);
      runLarge(guest(2));
      const left = readdirSync(directory);
      expect(left).toContain(own);
      expect(left).not.toContain(name(1));
      expect(left).toContain(name(20));
      expect(left).toHaveLength(13);
      expect(knows(encoding(4000, 3), guest(2))).toBe(true);
    });
  });

  test('costs nothing but time where nothing can be written', () => {
    const isa = fresh();
    const save = keepForms({ isa, directory: join(file, 'below-a-file'), identity });
    for (let immediate = 0; immediate < 300; immediate++) learn(isa, encoding(immediate));
    expect(save).not.toThrow();
  });
});
