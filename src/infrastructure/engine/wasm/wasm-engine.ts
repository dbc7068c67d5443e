import type { EngineMachineOptions, ExecutionEngine } from '../../../application/ports/execution-engine.ts';
import { counterPolicy, usualPolicy } from '../../guidance/counter-policy.ts';
import type { EffectMarks } from '../memory/effect-marks.ts';
import { hostPageProtection } from '../memory/page-protection.ts';
import { hostWriteTracking } from '../memory/write-tracking.ts';
import { type CacheCapacity, capacityOf } from './cache/cache-capacity.ts';
import type { KeptRegions } from './cache/kept-regions.ts';
import { ModuleStore } from './cache/module-store.ts';
import { usualRounds } from './cache/target-samples.ts';
import { WasmMachine } from './wasm-machine.ts';

export interface WasmEngineOptions {
  /**
   * How often a block is interpreted before its region is translated, whatever policy a machine is given: 0 translates at first
   * sight, Infinity never.
   */
  readonly hotLimit?: number;
  /**
   * `guarded`: accesses that the guest may not do trap on the host, where that works; `guarded-loads`: loads only;
   * `checked`: every access is looked up.
   */
  readonly memory?: 'guarded' | 'guarded-loads' | 'checked';
  /** Called before the first machine of an engine is made. */
  readonly prepare?: (options: EngineMachineOptions) => void;
  /** How much translated code each machine keeps; default: as much as is useful. */
  readonly capacity?: Partial<CacheCapacity>;
  /** After how many targets that were not guessed the targets of a computed jump are guessed anew, in each round. */
  readonly targetRounds?: readonly number[];
  /** Compiled code to share with other engines; default: the engine's own. */
  readonly modules?: ModuleStore;
  /** Gives the regions of other processes, where those are kept; asked when the first machine is made. */
  readonly kept?: () => KeptRegions | undefined;
  /** Called before each region is translated or taken over. */
  readonly beforeRegion?: () => void;
  /** Gives where what its machines do is marked. */
  readonly marks?: (options: EngineMachineOptions) => EffectMarks;
}

/** The engine that translates guest code to WebAssembly at run time. Throws EngineFault for a capacity that cannot be. */
export function wasmEngineWith(given: WasmEngineOptions): ExecutionEngine {
  const { hotLimit, memory = 'guarded' } = given;
  let { prepare } = given;
  let kept: KeptRegions | undefined;
  const capacity = capacityOf(given.capacity);
  const modules = given.modules ?? new ModuleStore(capacity.regions);
  return {
    name: 'wasm',
    onThisHost: () => {
      if (memory === 'checked') return 'checks every access';
      const host = hostPageProtection();
      if ('reason' in host) return `checks every access: ${host.reason}`;
      const tracking = memory === 'guarded' ? hostWriteTracking() : { reason: 'not asked for' };
      return 'reason' in tracking
        ? `guest memory is guarded by page protection, for loads only: ${tracking.reason}`
        : 'guest memory is guarded by page protection, and writes are tracked by the host';
    },
    createMachine: (options) => {
      prepare?.(options);
      prepare = undefined;
      kept ??= given.kept?.();
      return new WasmMachine(options, {
        policy: hotLimit === undefined ? (options.policy ?? usualPolicy) : counterPolicy(hotLimit),
        protection: memory === 'checked' ? () => undefined : protection,
        tracking: memory === 'guarded' ? tracking : () => undefined,
        capacity,
        targetRounds: given.targetRounds ?? usualRounds,
        modules,
        kept,
        beforeRegion: given.beforeRegion ?? (() => undefined),
        marks: given.marks?.(options),
      });
    },
  };
}

export const wasmEngine: ExecutionEngine = wasmEngineWith({});

function protection() {
  const host = hostPageProtection();
  return 'reason' in host ? undefined : host;
}

function tracking() {
  const host = hostWriteTracking();
  return 'reason' in host ? undefined : host;
}
