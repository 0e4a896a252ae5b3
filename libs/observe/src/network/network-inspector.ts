import { LockstepError, type RunSpec } from '@lockstep/core';
import { loadTestSplit } from '@lockstep/data';
import type { Engine, EngineCommands } from '@lockstep/engine';
import type { RunRecord } from '@lockstep/store';
import { remember } from '../server/caching.js';

type Result<Name extends keyof EngineCommands> = Promise<EngineCommands[Name]['result']>;

/** An image of the test set. */
export interface TestImage {
  /** [height · width · channels], 0–255 */
  readonly pixels: Uint8Array;
  readonly label: number;
}

const KEEP_MS = 1_000;
const MOST_WAITING = 32;
const MOST_FILTERS = 64;

/**
 * Reads the network while it is trained, through the coordinator's engine, at the version that the
 * engine holds. Reading changes no bit of it.
 */
export class NetworkInspector {
  readonly spec: RunSpec;
  readonly layers: () => Result<'describeLayers'>;
  /** At most a second old. */
  readonly histograms: () => Result<'histograms'>;
  /** At most a second old. */
  readonly firstFilters: () => Result<'firstFilters'>;
  readonly #engine: Pick<Engine, 'run'>;
  readonly #pinned: () => number | undefined;
  readonly #turns = new OneAtATime(MOST_WAITING);
  readonly #testSplit: () => ReturnType<typeof loadTestSplit>;

  /** @param pinned the version, pinned in the engine, that predicts; undefined where it is the current one */
  constructor(
    engine: Pick<Engine, 'run'>,
    { spec, data }: Pick<RunRecord, 'spec' | 'data'>,
    pinned: () => number | undefined = () => undefined,
  ) {
    this.spec = spec;
    this.#engine = engine;
    this.#pinned = pinned;
    this.#testSplit = remember(Infinity, () => loadTestSplit(data, spec.data));
    this.layers = remember(Infinity, () => this.#run('describeLayers', undefined));
    this.histograms = remember(KEEP_MS, () => this.#run('histograms', undefined));
    this.firstFilters = remember(KEEP_MS, () => this.#run('firstFilters', { most: MOST_FILTERS }));
  }

  /** Feeds one image forward; once the run has ended, through the version that is saved as its model. */
  observe(argument: Omit<EngineCommands['observe']['argument'], 'pinned'>): Result<'observe'> {
    const pinned = this.#pinned();
    return this.#run('observe', { ...argument, ...(pinned === undefined ? {} : { pinned }) });
  }

  /** @throws LockstepError `bad-request` where there is no such image, or the data are not pictures */
  async testImage(index: number): Promise<TestImage> {
    const { count, inputs, targets } = await this.#testSplit();
    const label = targets[index];
    if (!(inputs instanceof Uint8Array) || !(targets instanceof Int32Array)) {
      const message = `the data of this run, ${this.spec.data.name}, are not pictures of classes`;
      throw new LockstepError('bad-request', message);
    }
    if (label === undefined) {
      const message = `there is no test image ${index}: they are numbered from 0 to ${count - 1}`;
      throw new LockstepError('bad-request', message);
    }
    const size = inputs.length / count;
    return { pixels: inputs.subarray(index * size, (index + 1) * size), label };
  }

  /** [testCount] class numbers, or [testCount, values] */
  async testTargets(): Promise<Int32Array | Float32Array> {
    return (await this.#testSplit()).targets;
  }

  #run<Name extends keyof EngineCommands>(
    name: Name,
    argument: EngineCommands[Name]['argument'],
  ): Result<Name> {
    return this.#turns.run(() => this.#engine.run(name, argument));
  }
}

/**
 * Runs tasks one after another, and refuses new ones while too many wait. Between two commands of
 * readers, the engine's thread gets to everything that has arrived meanwhile: however many read, a
 * step waits for one command at most.
 */
export class OneAtATime {
  readonly #mostWaiting: number;
  #waiting = 0;
  #before: Promise<unknown> = Promise.resolve();

  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  /** @throws LockstepError `not-ready` while too many wait, or the error of the task */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= this.#mostWaiting) {
      return Promise.reject(
        new LockstepError('not-ready', 'too many requests for the network at once', {
          remedy: 'retry in a moment',
        }),
      );
    }
    this.#waiting += 1;
    const result = this.#before.then(task).finally(() => (this.#waiting -= 1));
    this.#before = result.catch(() => undefined);
    return result;
  }
}
