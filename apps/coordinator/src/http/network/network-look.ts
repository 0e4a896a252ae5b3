import { LockstepError, type RunSpec } from '@lockstep/core';
import { loadTestSplit } from '@lockstep/data';
import type { Engine, EngineCommands } from '@lockstep/engine';
import type { RunRecord } from '@lockstep/store';
import { remember } from '../remember.js';
import { createOneAtATime } from './one-at-a-time.js';

type Result<Name extends keyof EngineCommands> = Promise<EngineCommands[Name]['result']>;

/** An image of the test set. */
export interface TestImage {
  /** [height · width · channels], 0–255 */
  readonly pixels: Uint8Array;
  readonly label: number;
}

/** What a person can see of a network while it is trained; looking changes no bit of it. */
export interface NetworkLook {
  readonly spec: RunSpec;
  layers(): Result<'describeLayers'>;
  /** Not older than a second. */
  histograms(): Result<'histograms'>;
  firstFilters(): Result<'firstFilters'>;
  observe(argument: EngineCommands['observe']['argument']): Result<'observe'>;
  /** @throws LockstepError `bad-request` when there is no such image */
  testImage(index: number): Promise<TestImage>;
  /** [testCount] */
  testLabels(): Promise<Uint8Array>;
}

const KEEP_MS = 1_000;
const MOST_WAITING = 32;
const MOST_FILTERS = 64;

/** Looks by the coordinator's own engine, at whichever version that holds. */
export function createNetworkLook(
  engine: Pick<Engine, 'run'>,
  { spec, data }: Pick<RunRecord, 'spec' | 'data'>,
): NetworkLook {
  const line = createOneAtATime(MOST_WAITING);
  const testSplit = remember(Infinity, () => loadTestSplit(data, spec.data));
  return {
    spec,
    layers: remember(Infinity, () => line.run(() => engine.run('describeLayers', undefined))),
    histograms: remember(KEEP_MS, () => line.run(() => engine.run('histograms', undefined))),
    firstFilters: remember(KEEP_MS, () =>
      line.run(() => engine.run('firstFilters', { most: MOST_FILTERS })),
    ),
    observe: (argument) => line.run(() => engine.run('observe', argument)),
    testImage: async (index) => {
      const { count, images, labels } = await testSplit();
      const label = labels[index];
      if (label === undefined) {
        const message = `there is no test image ${index}: they are numbered from 0 to ${count - 1}`;
        throw new LockstepError('bad-request', message);
      }
      const size = images.length / count;
      return { pixels: images.subarray(index * size, (index + 1) * size), label };
    },
    testLabels: async () => (await testSplit()).labels,
  };
}
