import type { StepMachine } from '@lockstep/coordinator';
import type { Clock, LockstepError, RunSpec } from '@lockstep/core';
import type { Engine } from '@lockstep/engine';
import type { ProtocolHandlers } from '@lockstep/protocol';
import type { SimQueues } from './sim-queues.js';
import type { Disk, FencedDisk, Ledger, RunLock } from '@lockstep/store';
import type { Platter } from '@lockstep/store/memory';
import type { WorkerPorts } from '@lockstep/worker';
import type { Arithmetic } from './arithmetic.js';
import type { SimNetwork } from './sim-network.js';
import type { Process, World } from './world.js';

/** Replacements for parts of the real code, to see whether the simulation detects the difference. */
export interface SimulationSettings {
  readonly stepMachine?: StepMachine;
  readonly ledger?: (ledger: Ledger, coordinator: SceneCoordinator) => Ledger;
  /** Replaces the disk that a coordinator writes the run with. */
  readonly disk?: (disk: Disk, lock: RunLock) => FencedDisk;
  /** @returns the ports that the worker gets instead of `ports` */
  readonly worker?: (ports: WorkerPorts, worker: SceneWorker) => WorkerPorts;
  /** Plans what goes wrong; by default `scheduleFaults`. */
  readonly faults?: (scene: Scene) => number;
  readonly trace?: (line: string) => void;
}

/** The error of a worker's next contribution. */
export type Mistake = 'wrong-hash' | 'old-term' | 'not-finite';

/** A coordinator, as the others in the simulation see it. */
export interface SceneCoordinator {
  readonly scene: Scene;
  readonly process: Process;
  readonly host: string;
  readonly term: number;
  /** Name of its term's queue; absent while it has no term. */
  readonly queueName: string | undefined;
  readonly clock: Clock;
  readonly handlers: ProtocolHandlers;
  /** Whether it leads the run already. */
  readonly hasBegun: boolean;
  /** The id of the member with this session; undefined if there is none. */
  idOf(session: string | undefined): string | undefined;
  pause(): void;
  resume(): void;
}

/** A worker, as the others in the simulation see it. */
export interface SceneWorker {
  readonly scene: Scene;
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly process: Process;
  /** Identifies its membership; absent while it has none. */
  readonly session: string | undefined;
  /** Multiplier on the time that it computes. */
  slowness: number;
  nextMistake: Mistake | undefined;
  /** Whether its contribution that has just arrived is not finite. */
  isNotFinite(): boolean;
  /** An engine in this worker's process. */
  engineWith(arithmetic: Arithmetic): Engine;
}

/** A simulation, as coordinators, workers and faults see it. */
export interface Scene {
  readonly world: World;
  readonly spec: RunSpec;
  readonly network: SimNetwork;
  readonly queues: SimQueues;
  readonly platter: Platter;
  readonly arithmetic: Arithmetic;
  readonly settings: SimulationSettings & {
    readonly checkpointEvery: number;
    readonly proveEvery: number;
  };
  readonly workers: readonly SceneWorker[];
  readonly coordinators: readonly SceneCoordinator[];
  /** The coordinator that workers reach. */
  readonly leader: SceneCoordinator | undefined;
  /** Probability of each error of the queue. */
  queueFaults: { lose: number; duplicate: number; reorder: number };
  /** Number of contributions with other bits that may still be sent. */
  otherBits: number;
  /** Number of contributions that may still be repeated, later and with other bits. */
  lateBits: number;
  /** Number of steps that may still be committed with a wrong contribution. */
  wrongLedgers: number;
  diskIsFull: boolean;
  /** Why coordinators have lost workers so far. */
  readonly lost: string[];
  startCoordinator(host: string): void;
  startWorker(id?: string): void;
  /** A supervisor restarts a worker that was refused. */
  replace(worker: SceneWorker, error: LockstepError): void;
  isAlive(pid: number): boolean;
  wantsOtherBits(): boolean;
  wantsLateBits(): boolean;
  wantsWrongLedger(): boolean;
  /** A step was committed with a wrong contribution: its coordinator must detect it and end. */
  ledgerIsWrong(): void;
  finished(): void;
  ended(coordinator: SceneCoordinator, error: LockstepError): void;
  mustBe(condition: boolean, otherwise: string): void;
  weightsAre(sha256: string): void;
  published(coordinator: SceneCoordinator, version: number): void;
  /** The coordinator has changed a file. */
  wrote(coordinator: SceneCoordinator, path: string): void;
}
