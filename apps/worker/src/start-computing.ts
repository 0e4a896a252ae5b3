import type { Shard } from '@lockstep/core';
import type { ComputedFactors, ComputedShard, Engine } from '@lockstep/engine';
import type { ShardTimings } from '@lockstep/protocol';
import type { HeldState } from './held-state.js';

/** What a shard comes to, and when it was known. */
export type KnownShard = ComputedShard & { readonly knownAt: number };

/** Begins to compute: the factored section comes first, and then everything. */
export function startComputing(
  engine: Engine,
  request: { readonly shard: Shard; readonly clean: boolean },
): { readonly factors: Promise<ComputedFactors>; readonly whole: Promise<KnownShard> } {
  let known: (factors: ComputedFactors) => void = () => undefined;
  const early = new Promise<ComputedFactors>((resolve) => (known = resolve));
  const whole = engine
    .run('computeGradient', request, [], known)
    .then((shard) => ({ ...shard, knownAt: performance.now() }));
  // Where it fails, nothing comes early either.
  const factors = Promise.race([early, whole.then(() => early)]);
  return { factors, whole };
}

/** How the time between the moments of a shard was spent; see `ShardTimings`. */
export function timingsOf(
  moments: { arrived: number; asked: number; known: number; sent: number },
  { computeMs, encodeMs }: ComputedShard,
  newest: HeldState['newest'],
): Omit<ShardTimings, 'idleMs'> {
  const { arrived, asked, known, sent } = moments;
  const waitMs = asked - arrived;
  // The thread may have applied the update before the shard came: then nothing waited for it.
  const blockedMs = Math.max(0, known - asked - computeMs - encodeMs);
  return {
    waitMs,
    decodeMs: Math.min(newest.decodeMs, waitMs),
    applyMs: Math.min(newest.applyMs, blockedMs),
    computeMs,
    encodeMs,
    grantMs: sent - known,
    takeToSendMs: sent - asked,
  };
}
