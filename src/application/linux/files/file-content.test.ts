import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { punchHole, readContent, resizeContent, seekContent, writeContent } from './file-content.ts';
import { createFileSystem } from './file-system.ts';
import type { FileInode } from './file-system-state.ts';
import { addInode } from './inodes.ts';

const program = Uint8Array.from({ length: 9000 }, (_, index) => (index % 250) + 1);

const files = () => {
  const fileSystem = createFileSystem({
    program,
    programPath: '/p',
    workingDirectory: '/',
    mounts: [],
    epoch: 0n,
  });
  const inode = addInode(
    fileSystem,
    { kind: 'file', mode: 0o644, size: program.length, blocks: new Map(), image: program.length },
    0n,
  ) as FileInode;
  return { fileSystem, inode };
};

const offset = fc.integer({ min: 0, max: 20_000 });
const change = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), at: offset, length: fc.integer({ min: 1, max: 6000 }) }),
  fc.record({ kind: fc.constant('resize' as const), at: offset, length: fc.constant(0) }),
  fc.record({ kind: fc.constant('punch' as const), at: offset, length: fc.integer({ min: 1, max: 9000 }) }),
);

test('a sparse file over an image behaves as an array of bytes', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const { fileSystem, inode } = files();
      const before = fileSystem.state.held;
      let model = program.slice();
      for (const { kind, at, length } of changes) {
        if (kind === 'write') {
          const bytes = new Uint8Array(length).fill((at % 255) + 1);
          expect(writeContent(fileSystem, inode, at, bytes)).toBe(length);
          const longer = new Uint8Array(Math.max(model.length, at + length));
          longer.set(model);
          longer.set(bytes, at);
          model = longer;
        } else if (kind === 'resize') {
          expect(resizeContent(fileSystem, inode, at)).toBe(0);
          const resized = new Uint8Array(at);
          resized.set(model.subarray(0, at));
          model = resized;
        } else {
          punchHole(fileSystem, inode, at, at + length);
          model.fill(0, at, at + length);
        }
        expect(Buffer.compare(readContent(fileSystem, inode, 0, 40_000), model)).toBe(0);
        expect(fileSystem.state.held - before).toBe(inode.blocks.size * 4096);
      }
    }),
  );
});

test('data and holes of a huge sparse file are found without walking it', () => {
  const { fileSystem, inode } = files();
  expect(resizeContent(fileSystem, inode, 2 ** 50)).toBe(0);
  expect(writeContent(fileSystem, inode, 2 ** 49, Uint8Array.of(1))).toBe(1);
  expect(seekContent(inode, 20_000, true)).toBe(2 ** 49);
  expect(seekContent(inode, 0, false)).toBe(12_288);
  expect(seekContent(inode, 2 ** 49 + 4096, true)).toBeLessThan(0);
  expect(punchHole(fileSystem, inode, 0, 2 ** 50)).toBe(0);
  expect(seekContent(inode, 20_000, true)).toBeLessThan(0);
});

test('the guest cannot fill the memory of its host', () => {
  const { fileSystem, inode } = files();
  fileSystem.state.held = 2 ** 30 - 4096;
  expect(writeContent(fileSystem, inode, 0, new Uint8Array(4096))).toBe(-28);
});
