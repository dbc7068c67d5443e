import type { GuestMachine, GuestSetup } from './guest-machine.ts';
import type { HostSystem } from './host-system.ts';
import type { TranslationPolicy } from './translation-policy.ts';

/** Builds guests on engines known by name. */
export interface GuestFactory {
  /** The engines' names, the default first. */
  readonly engines: readonly string[];
  /** How an engine runs on this host, where that depends on the host. */
  onThisHost(engine: string): string | undefined;
  /** A guest at instruction 0; `policy` guides an engine that translates. Throws the program loader's error for a bad program; `engine` must be one of `engines`. */
  create(setup: GuestSetup, engine: string, host: HostSystem, policy?: TranslationPolicy): GuestMachine;
}
