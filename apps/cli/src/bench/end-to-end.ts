import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepTimelineRow } from '@lockstep/observe';
import { Child } from '../local/child.js';
import { argumentsOf } from '../options/option.js';
import { shardSizeOf, type BenchSettings } from './bench-settings.js';
import { measureOthers } from './machine.js';
import { WatchedRun } from './watch-run.js';

/** What a real run on this machine measured. */
export interface EndToEnd {
  /** Over the measured steps, by when their events came. */
  readonly samplesPerSecond: number;
  /** Cores that other programs used meanwhile. */
  readonly othersCores: number | undefined;
  /** Where the time of the measured steps went, of as many as the coordinator remembers. */
  readonly timelines: readonly StepTimelineRow[];
  readonly parameterCount: number;
  /** TensorFlow and its version. */
  readonly backend: string;
}

/** Steps beyond the measured ones: the run is ended before them. */
const SPARE_STEPS = 10_000;

/** Measures `lockstep train` with its Redis, coordinator and workers. */
export async function measureEndToEnd(settings: BenchSettings): Promise<EndToEnd> {
  const out = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  const { warmup, steps, batch } = settings;
  const run = new WatchedRun({ from: warmup, to: warmup + steps });
  const child = new Child(argumentsFor(settings, out), {
    onLine: (line) => run.readLine(line),
    onError: (line) => run.readError(line),
  });
  try {
    await run.warm(child.ended);
    const others = measureOthers();
    const { seconds, started, timelines } = await run.measured(child.ended);
    return {
      samplesPerSecond: (steps * batch) / seconds,
      othersCores: others(),
      timelines,
      parameterCount: started.parameterCount,
      backend: started.backend,
    };
  } finally {
    child.kill('SIGTERM');
    await child.ended;
    await rm(out, { recursive: true, force: true });
  }
}

function argumentsFor(settings: BenchSettings, out: string): string[] {
  const { workers, warmup, steps, batch, momentum, threads, wire, data, model } = settings;
  const most = warmup + steps + SPARE_STEPS;
  const values = {
    ...{ steps: most, evalEvery: most, checkpointEvery: most, onAlarm: 'continue' },
    ...{ workers, minWorkers: workers, shardSize: shardSizeOf(settings), out },
    ...{ batch, momentum, threads, wire, data, model },
  };
  return ['train', ...argumentsOf(values), '--json'];
}
