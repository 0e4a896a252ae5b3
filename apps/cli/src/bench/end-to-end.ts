import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepTimelineRow } from '@lockstep/observe';
import { startChild } from '../local/child.js';
import { argumentsOf } from '../options/arguments.js';
import { shardSizeOf, type BenchSettings } from './bench-settings.js';
import { watchCompany } from './company.js';
import { watchRun } from './watch-run.js';

/** What a real run on this machine showed. */
export interface EndToEnd {
  /** Over the measured steps, by when their events came. */
  readonly samplesPerSecond: number;
  /** What other programs used of the machine meanwhile. */
  readonly othersCores: number | undefined;
  /** Where the time of the measured steps went, of as many as the coordinator remembers. */
  readonly timelines: readonly StepTimelineRow[];
  readonly parameterCount: number;
  /** TensorFlow and its version. */
  readonly backend: string;
}

/** Steps beyond the measured ones: the run is ended before them. */
const SPARE_STEPS = 10_000;

/** Measures the real thing: `lockstep train` with its Redis, coordinator and workers. */
export async function measureEndToEnd(settings: BenchSettings): Promise<EndToEnd> {
  const out = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  const { warmup, steps, batch } = settings;
  const run = watchRun({ from: warmup, to: warmup + steps });
  const child = startChild(argumentsFor(settings, out), { quiet: true, onLine: run.hear });
  try {
    await run.warm(child.ended);
    const company = watchCompany();
    const { seconds, started, timelines } = await run.measured(child.ended);
    return {
      samplesPerSecond: (steps * batch) / seconds,
      othersCores: company(),
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
  const { workers, warmup, steps } = settings;
  const most = String(warmup + steps + SPARE_STEPS);
  const values: Record<string, string | number> = {
    ...{ steps: most, 'eval-every': most, 'checkpoint-every': most, 'on-alarm': 'continue' },
    ...{ workers, 'min-workers': workers, 'shard-size': shardSizeOf(settings), out },
    ...{ batch: settings.batch, momentum: settings.momentum, threads: settings.threads },
    ...{ wire: settings.wire, data: settings.data, model: settings.model },
  };
  return ['train', ...argumentsOf(values), '--json'];
}
