import type { HashFunction } from '../../domain/shared/digest.ts';
import type { EngineMachine } from '../ports/execution-engine.ts';
import type { PageRecords } from '../pages/page-records.ts';
import { PageSet } from '../pages/page-set.ts';
import type { MachineImage, MachineSnapshot, PageReader } from '../ports/guest-machine.ts';
import type { GuestMemory } from '../ports/guest-memory.ts';
import { createMachine, type Kernel } from './kernel.ts';
import type { KernelState } from './kernel-state.ts';
import { MemoryRoot } from './memory-root.ts';
import { regionsOf, replaceRegions } from './memory/mapping.ts';
import { PageCopies } from './page-copies.ts';
import { StateCopies } from './state-copies.ts';

/** Page numbers of address space n begin at n times this (4 GiB of pages). */
const pagesPerSpace = 2 ** 20;
const spaceOf = (page: number): number => Math.floor(page / pagesPerSpace);

/** A memory with what follows its changes. Its dirty pages are taken here and nowhere else. */
class FollowedMemory {
  readonly #memory: GuestMemory;
  readonly #root: MemoryRoot;
  readonly #copies: PageCopies;
  /** Pages that may have changed since the last image, once there is one. */
  #sinceImage: PageSet | undefined;

  constructor(memory: GuestMemory, hash: HashFunction) {
    this.#memory = memory;
    this.#root = new MemoryRoot(memory, hash);
    this.#copies = new PageCopies(memory);
  }

  /** Pages that the next one would have to read; one that counts for several reasons may count twice. */
  changedPages(since: PageReader): number {
    return this.#pending(since) + this.#memory.dirtyPages;
  }

  #pending(since: PageReader): number {
    switch (since) {
      case 'digest':
        return this.#root.pending;
      case 'snapshot':
        return this.#copies.pending;
      case 'image':
        return this.#sinceImage?.size ?? this.#memory.touchedCount;
    }
  }

  root(): string {
    this.#follow();
    return this.#root.value();
  }

  pages(): Iterable<readonly [page: number, content: Uint8Array]> {
    this.#follow();
    return this.#copies.current();
  }

  /** What tells the contents of each page that is not zero apart, and the pages that may have changed since this was asked, if it was. */
  marks(): { readonly digests: PageRecords; readonly changed: PageSet | undefined } {
    this.root();
    const changed = this.#sinceImage;
    this.#sinceImage = new PageSet();
    return { digests: this.#root.digests, changed };
  }

  replace(pages: Map<number, Uint8Array>): void {
    this.#follow();
    this.#copies.replace(pages);
    this.#root.changed(this.#memory.takeDirtyPages());
    this.#sinceImage = new PageSet();
  }

  #follow(): void {
    const dirty = this.#memory.takeDirtyPages();
    this.#root.changed(dirty);
    this.#copies.changed(dirty);
    if (this.#sinceImage) for (const page of dirty) this.#sinceImage.add(page);
  }
}

/** The memories of a kernel's address spaces: their digests, snapshots of the whole, and the way back. */
export class FollowedMemories {
  readonly #kernel: Kernel;
  readonly #followed = new Map<GuestMemory, FollowedMemory>();
  readonly #copies: StateCopies;
  /** The last image, unless the memories have been replaced since. */
  #image: symbol | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#copies = new StateCopies(kernel);
  }

  changedPages(since: PageReader): number {
    let sum = 0;
    for (const { memory } of this.#kernel.machines.values()) sum += this.#follow(memory).changedPages(since);
    return sum;
  }

  /** The digest of every address space's contents, by its number. */
  roots(): readonly (readonly [space: number, root: string])[] {
    const { machines } = this.#kernel;
    const roots = [...machines].map(([number, { memory }]) => [number, this.#follow(memory).root()] as const);
    this.#forget();
    return roots;
  }

  snapshot(): MachineSnapshot {
    const { machines, icount } = this.#kernel;
    const pages = new Map<number, Uint8Array>();
    for (const [number, { memory }] of machines)
      for (const [page, content] of this.#follow(memory).pages())
        pages.set(number * pagesPerSpace + page, content);
    return { icount, state: this.#copies.take(), pages };
  }

  image(): MachineImage {
    const { machines, icount } = this.#kernel;
    const marks = new Map([...machines].map(([space, { memory }]) => [space, this.#follow(memory).marks()]));
    const spaces = [...marks.keys()].sort((a, b) => a - b);
    const before = this.#image;
    const id = (this.#image = Symbol());
    return {
      id,
      before,
      icount,
      state: this.#copies.take(),
      pages: spaces.flatMap((space) =>
        marks
          .get(space)!
          .digests.numbers()
          .map((page) => space * pagesPerSpace + page),
      ),
      isUntouched: (page) => marks.get(spaceOf(page))!.changed?.has(page % pagesPerSpace) === false,
      mark: (page, into) => void marks.get(spaceOf(page))!.digests.get(page % pagesPerSpace, into),
      read: (page) => machines.get(spaceOf(page))!.memory.page(page % pagesPerSpace),
    };
  }

  /** An address space that is there at both instants keeps its engine's machine, and with it what was translated. */
  restore(snapshot: MachineSnapshot): void {
    const kernel = this.#kernel;
    const before = kernel.state.spaces;
    this.#image = undefined;
    kernel.state = structuredClone(snapshot.state) as KernelState;
    kernel.fileSystem.state = kernel.state.files;
    kernel.icount = snapshot.icount;
    kernel.work++;
    const pages = pagesBySpace(snapshot);
    const machines = new Map<number, EngineMachine>();
    for (const [number, space] of kernel.state.spaces) {
      const known = kernel.machines.get(number);
      const mapped = known && before.get(number);
      const machine = known ?? createMachine(kernel);
      replaceRegions(machine.memory, mapped ? regionsOf(mapped) : [], regionsOf(space));
      this.#follow(machine.memory).replace(pages.get(number) ?? new Map<number, Uint8Array>());
      pages.delete(number);
      machines.set(number, machine);
    }
    for (const number of pages.keys())
      throw new RangeError(`the snapshot has pages of address space ${number}, which it lacks`);
    kernel.machines.clear();
    for (const [number, machine] of machines) kernel.machines.set(number, machine);
    this.#forget();
  }

  #follow(memory: GuestMemory): FollowedMemory {
    let followed = this.#followed.get(memory);
    if (followed === undefined)
      this.#followed.set(memory, (followed = new FollowedMemory(memory, this.#kernel.hash)));
    return followed;
  }

  #forget(): void {
    const live = new Set([...this.#kernel.machines.values()].map(({ memory }) => memory));
    for (const memory of this.#followed.keys()) if (!live.has(memory)) this.#followed.delete(memory);
  }
}

function pagesBySpace({ pages }: MachineSnapshot): Map<number, Map<number, Uint8Array>> {
  const bySpace = new Map<number, Map<number, Uint8Array>>();
  for (const [number, content] of pages) {
    const space = Math.floor(number / pagesPerSpace);
    let own = bySpace.get(space);
    if (own === undefined) bySpace.set(space, (own = new Map()));
    own.set(number % pagesPerSpace, content);
  }
  return bySpace;
}
