import {
  decodeGradient,
  defaultRecipe,
  encodeGradient,
  sectionLengths,
  type RunSpec,
  type StepUpdate,
  type WireFormat,
} from '@lockstep/core';
import { dataSpec, loadDataSet, planStep } from '@lockstep/data';
import { computeStep, startEngine, type Engine } from '@lockstep/engine';
import { collectAtOnce } from '../collect-at-once.js';
import { fromParent, inChild, toParent } from './bench-child.js';
import { shardSizeOf, type BenchSettings } from './bench-settings.js';

/** The first message to one of the ceiling's workers. */
export interface CeilingOrder {
  readonly settings: BenchSettings;
  /** The place of its shard in a step. */
  readonly index: number;
  /** Whether it applies an update only when all workers have computed. */
  readonly inStep: boolean;
}

/** Small enough not to move the weights: the same update is applied in every step. */
const DAMPING = 1e-3;
const FOREVER = 1_000_000;

async function specOf(engine: Engine, settings: BenchSettings): Promise<RunSpec> {
  const data = dataSpec(await loadDataSet(settings.data));
  const { batch, threads, wire, momentum } = settings;
  const shardSize = shardSizeOf(settings);
  const described = { model: settings.model, data, batch, shardSize };
  const model = await engine.run('describeModel', described);
  const { optimizer, keepProb } = defaultRecipe;
  return {
    ...{ formatVersion: 2, model, data, batch, threads, wire, keepProb, steps: FOREVER },
    ...{ optimizer: { ...optimizer, momentum }, shardSize },
    ...{ seed: 1, numerics: 'strict', device: 'cpu' },
  };
}

/** A whole step's reduced update, as the coordinator would publish it. */
async function recordUpdate(engine: Engine, spec: RunSpec): Promise<StepUpdate> {
  const { update } = await computeStep(engine, planStep(spec, 1));
  const damped = (bytes: Uint8Array, length: number, wire: WireFormat): Uint8Array =>
    encodeGradient(
      decodeGradient(bytes, length, wire).map((value) => value * DAMPING),
      wire,
    );
  const shards = update.shards.map((shard) => {
    const { factored: length } = sectionLengths(spec.model, shard.sampleCount);
    return { ...shard, factored: damped(shard.factored, length, spec.wire) };
  });
  return { shards, dense: damped(update.dense, sectionLengths(spec.model, 0).dense, 'f32') };
}

/** Resolves when all workers have arrived. */
async function meet(): Promise<void> {
  const met = fromParent<object>();
  toParent({ here: true });
  await met;
}

async function work({ settings, index, inStep }: CeilingOrder): Promise<void> {
  const engine = await startEngine({ threads: settings.threads });
  const spec = await specOf(engine, settings);
  await engine.run('prepare', { spec, model: settings.model, data: settings.data });
  await engine.run('initialise', undefined);
  const update = await recordUpdate(engine, spec);
  const makeStep = async (step: number): Promise<void> => {
    const shard = planStep(spec, step)[index];
    if (shard) await engine.run('computeGradient', { shard, clean: false });
    if (inStep) await meet();
    await engine.run('apply', { version: step, update });
  };
  for (let step = 1; step <= settings.warmup; step++) await makeStep(step);
  await meet();
  const started = performance.now();
  for (let step = 1; step <= settings.steps; step++) await makeStep(settings.warmup + step);
  toParent({ ms: performance.now() - started });
  // Continues under the same load until the slower workers have been measured.
  for (let step = settings.warmup + settings.steps + 1; ; step++) await makeStep(step);
}

collectAtOnce();
await inChild(async () => work(await fromParent<CeilingOrder>()));
