import type { ShardOfferedData, WorkKind } from '../../domain/shard-work/events.ts';
import { readShardWorkEvent } from '../../domain/shard-work/read-event.ts';
import type { Delivery } from '../ports/consumer-groups.ts';
import { StoreFault } from '../ports/store-fault.ts';
import {
  type DistributionParts,
  type ShardWorker,
  workersGroup,
  workSettings,
  workStream,
} from './shard-work.ts';

export interface WorkRequest {
  /** Aborting gives the shard at hand back. */
  readonly signal: AbortSignal;
  /** Stop when no shard came for so long, ms; default: go on. */
  readonly idle?: number | undefined;
  /** Hand out parked shards again first. */
  readonly unpark?: boolean | undefined;
  readonly onShard?: ((report: ShardReport) => void) | undefined;
}

/** What became of a shard that this worker was given. */
export interface ShardReport {
  readonly offer: ShardOfferedData;
  readonly outcome: 'recorded' | 'known' | 'interrupted' | 'failed';
  /** Why it failed; it goes to others, or is parked after too many failures. */
  readonly reason?: string;
}

export interface WorkResult {
  readonly recorded: number;
  /** Shards that somebody else had done. */
  readonly known: number;
  readonly failed: number;
  readonly unparked: number;
}

/**
 * Works on whatever shards are offered in the store. Laws: a shard is acknowledged only when its result is recorded; a shard
 * that failed goes back to the others; a fault of the store ends the work, and its shard is handed out again.
 */
export async function workShards(
  request: WorkRequest,
  parts: DistributionParts & { readonly workers: Readonly<Record<WorkKind, ShardWorker>> },
): Promise<WorkResult> {
  const { groups, workers } = parts;
  const counts = { recorded: 0, known: 0, interrupted: 0, failed: 0 };
  const unparked = request.unpark === true ? await groups.unpark(workStream, workersGroup) : 0;
  const idle = new AbortController();
  const ending = AbortSignal.any([request.signal, idle.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    if (request.idle !== undefined) timer = setTimeout(() => idle.abort(), request.idle);
  };
  wait();
  for await (const delivery of groups.consume(workStream, workersGroup, workSettings, ending)) {
    clearTimeout(timer);
    const report = await workOn(delivery, workers, request.signal);
    counts[report.outcome]++;
    request.onShard?.(report);
    wait();
  }
  clearTimeout(timer);
  return { recorded: counts.recorded, known: counts.known, failed: counts.failed, unparked };
}

async function workOn(
  delivery: Delivery,
  workers: Readonly<Record<WorkKind, ShardWorker>>,
  signal: AbortSignal,
): Promise<ShardReport> {
  const read = readShardWorkEvent(delivery.event);
  if (!read.ok) {
    await delivery.park(read.error);
    const offer = { kind: 'verification', campaign: 'unknown', shard: delivery.event.revision } as const;
    return { offer, outcome: 'failed', reason: read.error };
  }
  const offer = read.value.data;
  try {
    const outcome = await workers[offer.kind].work(offer, { signal });
    if (outcome === 'interrupted') await delivery.giveBack('the worker was stopped');
    else await delivery.acknowledge();
    return { offer, outcome };
  } catch (error) {
    if (error instanceof StoreFault) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    await delivery.giveBack(reason);
    return { offer, outcome: 'failed', reason };
  }
}
