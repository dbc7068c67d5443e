import { createLinuxMachine } from '../../../../application/linux/linux-machine.ts';
import type { AheadOutcome } from '../../../../application/ports/ahead-translator.ts';
import type { GuestSetup } from '../../../../application/ports/guest-machine.ts';
import { riscv64 } from '../../../../domain/isa/riscv64/riscv64.ts';
import type { TranslationCacheEvent } from '../../../../domain/translation-cache/events.ts';
import { nodeHash } from '../../../hashing/node-hash.ts';
import { KeptRegions } from '../cache/kept-regions.ts';
import { machineCode } from '../cache/machine-code.ts';
import type { RegionFiles } from '../cache/region-files.ts';
import { wasmEngineWith } from '../wasm-engine.ts';
import type { WasmMachine } from '../wasm-machine.ts';

const nothing = { perform: () => ({ ok: false, error: 'ENOENT' }) as const };

/** A program at its first instruction, whose regions are made and kept without that it runs. */
export class RegionMaker {
  readonly #kept: KeptRegions;
  readonly #machine: WasmMachine;
  #known = 0;

  /** Throws ElfError for a program that cannot be loaded. */
  constructor(setup: GuestSetup, files: RegionFiles) {
    this.#kept = new KeptRegions(files);
    const engine = wasmEngineWith({ kept: () => this.#kept });
    const onTranslation = (event: TranslationCacheEvent): void => {
      if (event.type === 'RegionRestored' && event.optimised) this.#known++;
    };
    let machine: WasmMachine | undefined;
    const parts = { isa: riscv64, host: nothing, hash: nodeHash };
    createLinuxMachine(setup, {
      ...parts,
      engine: {
        ...engine,
        createMachine: (options) =>
          (machine = engine.createMachine({ ...options, onTranslation }) as WasmMachine),
      },
    });
    this.#machine = machine!;
  }

  /** Makes the regions that begin at these addresses, has them optimised, and keeps them. */
  make(addresses: readonly number[]): AheadOutcome {
    this.#known = 0;
    const found = addresses.filter((address) => this.#machine.translateAhead(address)).length;
    this.#kept.optimise();
    this.#kept.save();
    const translated = found - this.#known;
    return {
      translated,
      optimised: machineCode() ? translated : 0,
      known: this.#known,
      without: addresses.length - found,
    };
  }
}
