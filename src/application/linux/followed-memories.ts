import type { HashFunction } from '../../domain/shared/digest.ts';
import type { EngineMachine } from '../ports/execution-engine.ts';
import type { MachineSnapshot } from '../ports/guest-machine.ts';
import type { GuestMemory } from '../ports/guest-memory.ts';
import { createMachine, type Kernel } from './kernel.ts';
import type { KernelState } from './kernel-state.ts';
import { MemoryRoot } from './memory-root.ts';
import { regionsOf, replaceRegions } from './memory/mapping.ts';
import { PageCopies } from './page-copies.ts';
import { StateCopies } from './state-copies.ts';

/** Page numbers of address space n begin at n times this (4 GiB of pages). */
const pagesPerSpace = 2 ** 20;

/** A memory with what follows its changes. Its dirty pages are taken here and nowhere else. */
class FollowedMemory {
  readonly #memory: GuestMemory;
  readonly #root: MemoryRoot;
  readonly #copies: PageCopies;

  constructor(memory: GuestMemory, hash: HashFunction) {
    this.#memory = memory;
    this.#root = new MemoryRoot(memory, hash);
    this.#copies = new PageCopies(memory);
  }

  /** Pages that a digest, and a snapshot, would have to read; one that counts for several reasons may count twice. */
  changedPages(): { readonly sinceDigest: number; readonly sinceSnapshot: number } {
    const { dirtyPages } = this.#memory;
    return { sinceDigest: this.#root.pending + dirtyPages, sinceSnapshot: this.#copies.pending + dirtyPages };
  }

  root(): string {
    this.#follow();
    return this.#root.value();
  }

  pages(): Iterable<readonly [page: number, content: Uint8Array]> {
    this.#follow();
    return this.#copies.current();
  }

  replace(pages: Map<number, Uint8Array>): void {
    this.#follow();
    this.#copies.replace(pages);
    this.#root.changed(this.#memory.takeDirtyPages());
  }

  #follow(): void {
    const dirty = this.#memory.takeDirtyPages();
    this.#root.changed(dirty);
    this.#copies.changed(dirty);
  }
}

/** The memories of a kernel's address spaces: their digests, snapshots of the whole, and the way back. */
export class FollowedMemories {
  readonly #kernel: Kernel;
  readonly #followed = new Map<GuestMemory, FollowedMemory>();
  readonly #copies: StateCopies;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#copies = new StateCopies(kernel);
  }

  changedPages(): { readonly sinceDigest: number; readonly sinceSnapshot: number } {
    const sum = { sinceDigest: 0, sinceSnapshot: 0 };
    for (const { memory } of this.#kernel.machines.values()) {
      const { sinceDigest, sinceSnapshot } = this.#follow(memory).changedPages();
      sum.sinceDigest += sinceDigest;
      sum.sinceSnapshot += sinceSnapshot;
    }
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

  /** An address space that is there at both instants keeps its engine's machine, and with it what was translated. */
  restore(snapshot: MachineSnapshot): void {
    const kernel = this.#kernel;
    const before = kernel.state.spaces;
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
