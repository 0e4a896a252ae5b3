import { LockstepError } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import { startWorker, type WorkerOptions, type WorkerPorts } from '@lockstep/worker';
import type { Arithmetic } from './arithmetic.js';
import { createSimClient } from './sim-client.js';
import { SimEngine } from './sim-engine.js';
import type { Mistake, Scene, SceneWorker } from './scene.js';
import { WorkerRules } from './worker-rules.js';
import type { Process } from './world.js';

/** One life of a worker: the real one, in a simulated process. */
export class SimWorker implements SceneWorker {
  readonly host = 'host';
  readonly process: Process;
  /** Multiplier on the time that it computes. */
  slowness = 1;
  nextMistake: Mistake | undefined;
  readonly #rules: WorkerRules;

  constructor(
    readonly scene: Scene,
    readonly id: string,
    readonly pid: number,
  ) {
    const { world, arithmetic, queues, settings } = scene;
    const process = world.newProcess(`${id}#${pid}`);
    const clock = world.clockOf(process);
    this.process = process;
    this.#rules = new WorkerRules((condition, otherwise) =>
      scene.mustBe(condition, `${process.name}: ${otherwise}`),
    );
    const client = createSimClient(scene, process, this.#rules, () => this.#damage());
    const ports: WorkerPorts = {
      clock,
      random: () => world.random.next(),
      process: { pid, host: this.host, usage: () => ({ rssBytes: 1, cpuSeconds: 1 }) },
      startEngine: () => Promise.resolve(this.engineWith(arithmetic)),
      createClient: () => client,
      checkQueue: () => Promise.resolve(),
      consumeQueue: (options) =>
        queues.named(options.queue).consume(options, { clock, state: () => process.state }),
    };
    const options: WorkerOptions = {
      ...{ id, addresses: { coordinator: 'sim', redis: 'sim' }, supervised: true },
      ...{ patienceMs: Infinity, leaveWhen: 'finished' },
      onEvent: (event) => {
        world.say(() => `${process.name}: ${JSON.stringify(event)}`);
        if (event.what === 'warning') this.#rules.reportedWarning();
      },
    };
    startWorker(options, settings.worker?.(ports, this) ?? ports).outcome.then(
      ({ reason }) => world.say(() => `${process.name}: left, ${reason}`),
      (error: unknown) => scene.replace(this, LockstepError.from(error)),
    );
  }

  /** Names its membership, while it is one. */
  get session(): string | undefined {
    return this.#rules.session;
  }

  /** What computes in this worker's process. */
  engineWith(arithmetic: Arithmetic): Engine {
    const { world } = this.scene;
    return new SimEngine(world, this.process, arithmetic, (command) =>
      command === 'computeGradient' ? world.random.between(5, 20) * this.slowness : 1,
    );
  }

  /** Whether its contribution, which has just come, is one that is not finite. */
  isNotFinite(): boolean {
    if (this.nextMistake !== 'not-finite') return false;
    this.nextMistake = undefined;
    return true;
  }

  #damage(): 'wrong-hash' | 'old-term' | undefined {
    const mistake = this.nextMistake;
    if (mistake === undefined || mistake === 'not-finite') return undefined;
    this.nextMistake = undefined;
    return mistake;
  }
}
