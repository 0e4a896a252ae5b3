import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedRedis } from '@lockstep/runtime';
import { createCoordinatorClient } from '../remote/coordinator-client.js';
import { pick, type Chance } from './chance.js';
import { Contradictor } from './contradictor.js';
import { createFreezer, send } from './freezer.js';
import { createFlooder } from './flooder.js';
import type { Fault } from './fault.js';
import type { Act } from './impact.js';
import { livingCoordinator, livingRedis, livingWorkers, type Target } from './targets.js';
import type { Training } from './training.js';

/** Injects faults into a training: only into its own processes and its Redis. */
export interface Saboteur {
  /**
   * @param patient whether to wait until there is a target
   * @returns undefined where there was no target
   */
  carryOut(fault: Fault, patient: boolean): Promise<Act | undefined>;
  /** Resumes all frozen processes, and ends all floods. */
  release(): void;
}

const POLL_MS = 50;
/** A restarted coordinator loads TensorFlow first, which takes a while on a busy machine. */
const PATIENCE_MS = 60_000;

export function createSaboteur(
  training: Training,
  redis: EmbeddedRedis,
  chance: Chance,
  signal: AbortSignal,
): Saboteur {
  const freezer = createFreezer();
  const contradictor = new Contradictor(training, signal);
  const flooder = createFlooder();
  const killed = new Set<number>();
  const coordinator = (): ReturnType<typeof livingCoordinator> =>
    livingCoordinator(training.record.started?.folder ?? '');
  const isFree = ({ pid }: Target): boolean => !killed.has(pid) && !freezer.holds(pid);
  const find = (kind: Fault['kind']): Target | undefined =>
    pick(candidatesFor(kind, { training, redis, coordinator }).filter(isFree), chance);
  const scale = async (workers: number): Promise<string | undefined> => {
    const http = coordinator()?.http;
    if (http === undefined) return undefined;
    const scaled = createCoordinatorClient(http).scale(workers);
    return scaled.then(
      ({ ready }) => `${ready} ready before`,
      () => undefined, // it is starting, or has just been killed: the request is repeated
    );
  };
  const flood = (seconds: number): string | undefined => {
    const flooded = coordinator();
    if (!flooded) return undefined;
    const { name, grpc, http } = flooded;
    const ports = [grpc, ...(http === undefined ? [] : [new URL(http).host])];
    flooder.flood(ports, seconds);
    return `${ports.length} ports of the ${name}`;
  };
  const attempt = async (fault: Fault): Promise<string | undefined> => {
    if (fault.kind === 'scale') return scale(fault.workers);
    if (fault.kind === 'contradict') {
      const grpc = coordinator()?.grpc;
      return grpc === undefined ? undefined : contradictor.contradict(grpc);
    }
    if (fault.kind === 'flood') return flood(fault.seconds);
    const target = find(fault.kind);
    if (!target) return undefined;
    if ('seconds' in fault) freezer.freeze(target, fault.seconds, fault.thenKill);
    else {
      killed.add(target.pid);
      send(target.pid, 'SIGKILL');
    }
    return `${target.name} (pid ${target.pid})`;
  };
  return {
    carryOut: async (fault, patient) => {
      const limit = performance.now() + (patient ? PATIENCE_MS : 0);
      while (!training.isOver() && !signal.aborted) {
        const { step } = training.record;
        const at = performance.now();
        const target = await attempt(fault);
        if (target !== undefined) return { at, step, fault, target };
        if (performance.now() >= limit) break;
        await delay(POLL_MS);
      }
      return undefined;
    },
    release: () => {
      freezer.release();
      flooder.release();
    },
  };
}

function candidatesFor(
  kind: Fault['kind'],
  scene: { training: Training; redis: EmbeddedRedis; coordinator: () => Target | undefined },
): readonly Target[] {
  const only = (target: Target | undefined): readonly Target[] => (target ? [target] : []);
  switch (kind) {
    case 'kill-worker':
    case 'freeze-worker':
      return livingWorkers(scene.training.record.events);
    case 'kill-coordinator':
    case 'freeze-coordinator':
      return only(scene.coordinator());
    case 'restart-redis':
      return only(livingRedis(scene.redis));
    case 'scale':
    case 'contradict':
    case 'flood':
      return [];
  }
}
