import { errno } from './errno.ts';
import type { Kernel } from './kernel.ts';

/** Counts something that Linux has and this kernel does not, by name; it answers ENOSYS. */
export function countUnsupported(kernel: Kernel, name: string): number {
  kernel.state.unsupported.set(name, (kernel.state.unsupported.get(name) ?? 0) + 1);
  return errno.ENOSYS;
}
