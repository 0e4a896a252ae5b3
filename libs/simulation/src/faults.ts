import type { TrainJob } from '@lockstep/queue';
import { flood } from './flood.js';
import { impersonate } from './impersonate.js';
import type { Mistake, Scene, SceneCoordinator, SceneWorker } from './scene.js';
import type { Process } from './world.js';

const KINDS = [
  'worker-dies',
  'worker-dies',
  'worker-freezes',
  'worker-is-slow',
  'worker-is-cut-off',
  'worker-joins',
  'worker-is-impersonated',
  'wrong-hash',
  'not-finite',
  'old-term',
  'contradicts',
  'contradicts',
  'coordinator-dies',
  'coordinator-dies',
  'machine-dies',
  'coordinator-freezes',
  'queue-is-away',
  'queue-is-wiped',
  'foreign-job',
  'disk-is-full',
  'paused',
  'flood',
  'clock-jumps',
  'everything-sleeps',
] as const;
type Kind = (typeof KINDS)[number];

const HOUR_MS = 3_600_000;

/** While a wrong contribution is in the ledger, the coordinator that can detect it stays alive. */
const KINDS_OF_WORKERS: readonly Kind[] = KINDS.filter(
  (kind) => !/coordinator|machine|disk/.test(kind),
);

/**
 * Plans what goes wrong in a simulation, and when.
 *
 * @returns the time in virtual milliseconds after which nothing more goes wrong
 */
export function scheduleFaults(scene: Scene): number {
  const { world, network } = scene;
  const { random } = world;
  const horizonMs = random.between(100, 2_000);
  const often = random.pick([0, 0.02, 0.1]) ?? 0;
  network.faults = {
    drop: random.chance(0.5) ? often / 2 : 0,
    duplicate: random.chance(0.5) ? often : 0,
    slowMs: random.pick([3, 10, 60]) ?? 3,
  };
  scene.queueFaults = {
    lose: random.chance(0.5) ? often : 0,
    duplicate: random.chance(0.5) ? often * 2 : 0,
    reorder: random.chance(0.5) ? often * 2 : 0,
  };
  scene.otherBits = random.chance(0.3) ? random.between(1, 2) : 0;
  const ledgerIsWrong = random.chance(0.1);
  scene.wrongLedgers = ledgerIsWrong ? 1 : 0;
  const kinds = ledgerIsWrong ? KINDS_OF_WORKERS : KINDS;
  const quietAt = plan(scene, kinds, random.between(0, 7), horizonMs);
  world.after(quietAt + 1, undefined, () => {
    network.faults = { drop: 0, duplicate: 0, slowMs: 3 };
    scene.queueFaults = { lose: 0, duplicate: 0, reorder: 0 };
    scene.diskIsFull = false;
    // All others may be quarantined.
    for (let i = 0; i < 2; i++) scene.startWorker();
    world.say(() => 'no more faults');
  });
  return quietAt;
}

/** As `scheduleFaults`, but only clocks are set: often, and as long as the run lasts. */
export function scheduleClockJumps(scene: Scene): number {
  return plan(scene, ['clock-jumps'], scene.world.random.between(1, 10), 300);
}

/** As `scheduleFaults`, but only the machine of all processes sleeps. */
export function scheduleSleep(scene: Scene): number {
  return plan(scene, ['everything-sleeps'], scene.world.random.between(1, 3), 300);
}

/** @returns the time in virtual milliseconds after which nothing more goes wrong */
function plan(scene: Scene, kinds: readonly Kind[], count: number, horizonMs: number): number {
  const { world } = scene;
  const { random } = world;
  let quietAt = horizonMs;
  for (let i = count; i > 0; i--) {
    const at = random.between(20, horizonMs);
    const kind = random.pick(kinds) ?? 'worker-dies';
    const isLong = kind === 'coordinator-freezes' || kind === 'everything-sleeps';
    const lastsMs = isLong ? random.between(500, 16_000) : random.between(20, 3_000);
    quietAt = Math.max(quietAt, at + lastsMs);
    world.after(at, undefined, () => strike(scene, kind, lastsMs));
  }
  return quietAt;
}

/** What a fault meets. */
interface Scenery {
  readonly scene: Scene;
  readonly leader: SceneCoordinator | undefined;
  readonly lastsMs: number;
  /** Runs when the fault is over. */
  readonly later: (act: () => void) => void;
}

type Strike = (worker: SceneWorker | undefined, scenery: Scenery) => void;

function strike(scene: Scene, kind: Kind, lastsMs: number): void {
  const { world, leader } = scene;
  const worker = world.random.pick(
    scene.workers.filter(({ process }) => process.state === 'running'),
  );
  world.say(() => `FAULT ${kind} ${worker?.process.name ?? ''} for ${lastsMs} ms`);
  const later = (act: () => void): void => void world.after(lastsMs, undefined, act);
  strikes[kind](worker, { scene, leader, lastsMs, later });
}

/** What each kind of fault does; `worker` is one of those that run. */
const strikes: Readonly<Record<Kind, Strike>> = {
  'clock-jumps': (_worker, { scene }) => {
    const { random } = scene.world;
    const process = random.pick(runningProcesses(scene));
    if (process) process.clockErrorMs += random.pick([-HOUR_MS, HOUR_MS]) ?? 0;
  },
  'everything-sleeps': (_worker, { scene, later }) => {
    const awake = runningProcesses(scene);
    for (const process of awake) scene.world.freeze(process);
    later(() => awake.forEach((process) => scene.world.thaw(process)));
  },
  'worker-dies': ofWorker((worker, { scene, later }) => {
    scene.world.kill(worker.process);
    // Under its old name, as a container does, or a new one.
    later(() => scene.startWorker(scene.world.random.chance(0.5) ? worker.id : undefined));
  }),
  'worker-freezes': ofWorker(({ process }, { scene: { world }, later }) => {
    world.freeze(process);
    later(() => world.thaw(process));
  }),
  'worker-is-slow': ofWorker((worker, { scene, later }) => {
    worker.slowness = scene.world.random.between(2, 60);
    later(() => (worker.slowness = 1));
  }),
  'worker-is-cut-off': ofWorker(({ process }, { scene, lastsMs }) =>
    scene.network.cutOff(process, lastsMs),
  ),
  'worker-joins': (_worker, { scene }) => scene.startWorker(),
  'worker-is-impersonated': ofWorker((worker, { scene }) => void impersonate(scene, worker)),
  'wrong-hash': makesMistake('wrong-hash'),
  'not-finite': makesMistake('not-finite'),
  'old-term': makesMistake('old-term'),
  contradicts: (_worker, { scene }) => {
    scene.lateBits += 1;
  },
  'coordinator-dies': (_worker, scenery) => killLeader(scenery),
  'machine-dies': (_worker, scenery) =>
    killLeader(scenery, () => {
      const { world, coordinators, platter } = scenery.scene;
      // The machine with the disk: whatever has begun to write there dies with it.
      for (const { process } of coordinators) world.kill(process);
      platter.loseMachine(() => world.random.next());
    }),
  'coordinator-freezes': (_worker, scenery) => freezeLeader(scenery),
  'queue-is-away': (_worker, { scene: { queues }, later }) => {
    queues.setUp(false);
    later(() => queues.setUp(true));
  },
  'queue-is-wiped': (_worker, { scene }) => void scene.queues.wipe(),
  'foreign-job': (_worker, { scene }) => queueForeignJob(scene),
  'disk-is-full': (_worker, { scene, later }) => {
    scene.diskIsFull = true;
    later(() => (scene.diskIsFull = false));
  },
  flood: (_worker, { scene, lastsMs }) => flood(scene, lastsMs),
  paused: (_worker, { leader, later }) => {
    leader?.pause();
    later(() => leader?.resume());
  },
};

/** A fault that does nothing where no worker runs. */
function ofWorker(act: (worker: SceneWorker, scenery: Scenery) => void): Strike {
  return (worker, scenery) => {
    if (worker) act(worker, scenery);
  };
}

function makesMistake(kind: Mistake): Strike {
  return (worker, { scene }) => {
    if (worker) worker.nextMistake = kind;
    // All workers: the holder of one join token may run them.
    const isShared = kind === 'not-finite' && scene.world.random.chance(0.3);
    if (isShared) for (const each of scene.workers) each.nextMistake = kind;
  };
}

function killLeader(
  { scene, leader, later }: Scenery,
  alsoKill: () => void = () => undefined,
): void {
  if (!leader || leader.process.state === 'dead') return;
  scene.world.kill(leader.process);
  alsoKill();
  later(() => scene.startCoordinator(leader.host));
}

function freezeLeader({ scene, leader, later }: Scenery): void {
  const { world } = scene;
  const { random } = world;
  if (leader?.process.state !== 'running') return;
  world.freeze(leader.process);
  if (random.chance(0.7)) {
    const host = `host-${random.between(1, 1_000_000)}`;
    world.after(random.between(10, 1_000), undefined, () => scene.startCoordinator(host));
  }
  later(() => world.thaw(leader.process));
}

function runningProcesses({ workers, leader }: Scene): readonly Process[] {
  const all = [...workers, ...(leader ? [leader] : [])].map(({ process }) => process);
  return all.filter(({ state }) => state === 'running');
}

/** Another user of Redis queues a job: for a step that may never come, or of another run or term. */
function queueForeignJob({ world: { random }, queues, leader }: Scene): void {
  if (leader?.queueName === undefined) return;
  const step = random.between(1, 1_000);
  const job: TrainJob = {
    ...{ kind: 'train', runId: random.chance(0.8) ? 'run' : 'another', clean: false },
    ...{ term: leader.term + (random.pick([-1, 0, 0, 0, 1]) ?? 0), attempt: random.between(1, 3) },
    shard: { step, index: random.between(0, 5), firstSample: 0, sampleCount: 3 },
    version: step - 1,
  };
  // The queue is down at times.
  void queues
    .named(leader.queueName)
    .enqueue([job])
    .catch(() => undefined);
}
