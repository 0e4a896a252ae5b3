import { setTimeout as delay } from 'node:timers/promises';
import type { RunningRedis } from '@lockstep/runtime';
import { CoordinatorClient } from '../remote/coordinator-client.js';
import { pick, type Chance } from './chance.js';
import { Contradictor } from './contradictor.js';
import { Freezer, send } from './freezer.js';
import { Flooder } from './flooder.js';
import type { Fault } from './fault.js';
import type { Act } from './impact.js';
import {
  livingCoordinator,
  livingRedis,
  livingWorkers,
  type LivingCoordinator,
  type Target,
} from './targets.js';
import type { Training } from './training.js';

const POLL_MS = 50;
/** A restarted coordinator loads TensorFlow first, which takes a while on a busy machine. */
const PATIENCE_MS = 60_000;

/** Injects faults into a training: only into its own processes and its Redis. */
export class Saboteur {
  readonly #training: Training;
  readonly #redis: RunningRedis;
  readonly #chance: Chance;
  readonly #signal: AbortSignal;
  readonly #contradictor: Contradictor;
  readonly #freezer = new Freezer();
  readonly #flooder = new Flooder();
  readonly #killed = new Set<number>();

  constructor(training: Training, redis: RunningRedis, chance: Chance, signal: AbortSignal) {
    this.#training = training;
    this.#redis = redis;
    this.#chance = chance;
    this.#signal = signal;
    this.#contradictor = new Contradictor(training, signal);
  }

  /**
   * @param patient whether to wait until there is a target
   * @returns undefined where there was no target
   */
  async carryOut(fault: Fault, patient: boolean): Promise<Act | undefined> {
    const limit = performance.now() + (patient ? PATIENCE_MS : 0);
    while (!this.#training.isOver() && !this.#signal.aborted) {
      const { step } = this.#training.record;
      const at = performance.now();
      const target = await this.#attempt(fault);
      if (target !== undefined) return { at, step, fault, target };
      if (performance.now() >= limit) break;
      await delay(POLL_MS);
    }
    return undefined;
  }

  /** Resumes all frozen processes, and ends all floods. */
  release(): void {
    this.#freezer.release();
    this.#flooder.release();
  }

  /** @returns what was hit; undefined where there was no target */
  async #attempt(fault: Fault): Promise<string | undefined> {
    switch (fault.kind) {
      case 'scale':
        return this.#scale(fault.workers);
      case 'contradict':
        return this.#contradict();
      case 'flood':
        return this.#flood(fault.seconds);
      case 'freeze-worker':
      case 'freeze-coordinator':
        return this.#hit(fault.kind, (target) =>
          this.#freezer.freeze(target, fault.seconds, fault.thenKill),
        );
      default:
        return this.#hit(fault.kind, ({ pid }) => {
          this.#killed.add(pid);
          send(pid, 'SIGKILL');
        });
    }
  }

  async #scale(workers: number): Promise<string | undefined> {
    const http = this.#coordinator()?.http;
    if (http === undefined) return undefined;
    return new CoordinatorClient(http).scale(workers).then(
      ({ ready }) => `${ready} ready before`,
      () => undefined, // it is starting, or has just been killed: the request is repeated
    );
  }

  async #contradict(): Promise<string | undefined> {
    const grpc = this.#coordinator()?.grpc;
    return grpc === undefined ? undefined : this.#contradictor.contradict(grpc);
  }

  #flood(seconds: number): string | undefined {
    const flooded = this.#coordinator();
    if (!flooded) return undefined;
    const { name, grpc, http } = flooded;
    const ports = [grpc, ...(http === undefined ? [] : [new URL(http).host])];
    this.#flooder.flood(ports, seconds);
    return `${ports.length} ports of the ${name}`;
  }

  /** Injects a fault into one process, drawn from those that are neither killed nor frozen. */
  #hit(kind: ProcessFault, inject: (target: Target) => void): string | undefined {
    const free = this.#candidates(kind).filter(
      ({ pid }) => !this.#killed.has(pid) && !this.#freezer.holds(pid),
    );
    const target = pick(free, this.#chance);
    if (!target) return undefined;
    inject(target);
    return `${target.name} (pid ${target.pid})`;
  }

  #candidates(kind: ProcessFault): readonly Target[] {
    switch (kind) {
      case 'kill-worker':
      case 'freeze-worker':
        return livingWorkers(this.#training.record.events);
      case 'kill-coordinator':
      case 'freeze-coordinator':
        return asList(this.#coordinator());
      case 'restart-redis':
        return asList(livingRedis(this.#redis));
    }
  }

  #coordinator(): LivingCoordinator | undefined {
    return livingCoordinator(this.#training.record.started?.folder ?? '');
  }
}

/** Faults that stop or kill a process. */
type ProcessFault = Exclude<Fault['kind'], 'scale' | 'contradict' | 'flood'>;

function asList(target: Target | undefined): readonly Target[] {
  return target ? [target] : [];
}
