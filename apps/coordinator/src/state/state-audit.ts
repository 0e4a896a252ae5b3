import type { Clock } from '@lockstep/core';
import type { StateProof } from '@lockstep/protocol';
import type { StepShell } from '../steps/step-shell.js';
import type { WorkerRecord } from '../workers/worker-record.js';
import type { WorkerRegistry } from '../workers/worker-registry.js';
import { MOST_WAITING_BYTES, type Replica } from './replica.js';

export interface StateAuditParts {
  readonly replica: Replica;
  readonly workers: Pick<WorkerRegistry, 'present'>;
  readonly steps: Pick<StepShell, 'handle'>;
  readonly clock: Pick<Clock, 'monotonicNow'>;
  /** Most steps from one audit to the next. */
  readonly every: number;
}

/**
 * Average updates that a full log must hold; if fewer fit, the coordinator applies every update at
 * once, because a worker's state would be needed too often.
 */
const FEWEST_STEPS = 10;
/** How long a local worker may take to upload its state. */
const UPLOAD_TIMEOUT_MS = 3_000;

type Stage =
  /** A local worker's state is to be adopted. `source` has been asked to upload it. */
  | { readonly name: 'awaiting-upload'; source?: WorkerRecord; uploaded?: UploadedState }
  /** The coordinator computes the state as soon as the update is in the replica's log. */
  | { readonly name: 'due' }
  | { readonly name: 'computing' }
  | { readonly name: 'settled'; readonly stateSha256: string };

interface UploadedState {
  readonly sha256: string;
  readonly state: Uint8Array<ArrayBuffer>;
}

interface Audit {
  readonly version: number;
  /** By the monotonic clock, in milliseconds. */
  readonly openedAt: number;
  /** The hash of each worker's state of `version`. */
  readonly proofs: Map<WorkerRecord, string>;
  stage: Stage;
}

/**
 * Determines at intervals which state the run is in, and removes workers that hold another one.
 * Workers on the coordinator's machine save it the work of applying updates: it adopts the state of
 * one of them, once another one, with another join token if there are any, has proved the same state.
 * In every other case the coordinator applies the updates itself, and its own result decides.
 */
export class StateAudit {
  readonly #parts: StateAuditParts;
  #current: Audit | undefined;
  #stepsSince = 0;

  constructor(parts: StateAuditParts) {
    this.#parts = parts;
  }

  /**
   * Call it for each version before its update is published.
   *
   * @param isKept whether the state of that version will be evaluated or saved
   * @returns whether the workers must prove their state of it
   */
  opens(version: number, isKept: boolean): boolean {
    const { replica, clock, every } = this.#parts;
    this.#stepsSince += 1;
    const isFull = 2 * replica.behind.bytes >= MOST_WAITING_BYTES;
    if (this.#current?.stage.name === 'awaiting-upload') return false;
    if (!isKept && !isFull && this.#stepsSince < every) return false;
    this.#stepsSince = 0;
    const stage: Stage = this.#mayLag() ? { name: 'awaiting-upload' } : { name: 'due' };
    this.#current = { version, openedAt: clock.monotonicNow(), proofs: new Map(), stage };
    if (stage.name === 'awaiting-upload') replica.expect(version);
    return true;
  }

  /** Call it when the update is in the replica's log. */
  appended(): void {
    const { replica } = this.#parts;
    const mayLag = this.#mayLag() && replica.behind.bytes <= MOST_WAITING_BYTES;
    const audit = this.#current;
    const mustCompute =
      audit?.stage.name === 'due' || (audit?.stage.name === 'awaiting-upload' && !mayLag);
    if (audit && mustCompute) this.#compute(audit);
    if (!mayLag) void replica.catchUp();
  }

  /** Notes a worker's proof. @returns whether the worker must upload its state */
  proved(worker: WorkerRecord, { version, stateSha256 }: StateProof): boolean {
    const audit = this.#current;
    if (version !== audit?.version || audit.proofs.has(worker)) return false;
    audit.proofs.set(worker, stateSha256);
    this.#compare(audit, worker, stateSha256);
    const { stage } = audit;
    if (stage.name !== 'awaiting-upload') return false;
    const mustUpload = stage.source === undefined && worker.local;
    if (mustUpload) stage.source = worker;
    this.#adopt(audit);
    return mustUpload;
  }

  /** Whether this worker was asked to upload this version's state. */
  expects(worker: WorkerRecord, version: number): boolean {
    const audit = this.#current;
    if (audit?.version !== version || audit.stage.name !== 'awaiting-upload') return false;
    return audit.stage.source === worker;
  }

  /** @returns whether the state was accepted: it is adopted once another voice has confirmed it */
  stateUploaded(
    worker: WorkerRecord,
    { version, stateSha256: sha256 }: StateProof,
    state: Uint8Array<ArrayBuffer>,
  ): boolean {
    const audit = this.#current;
    if (audit?.version !== version || audit.stage.name !== 'awaiting-upload') return false;
    if (audit.stage.source !== worker || audit.proofs.get(worker) !== sha256) return false;
    audit.stage.uploaded = { sha256, state };
    this.#adopt(audit);
    return true;
  }

  /** Computes the state itself if the upload takes too long or its worker has left; call it often. */
  tick(): void {
    const audit = this.#current;
    if (audit?.stage.name !== 'awaiting-upload') return;
    const isLate = this.#parts.clock.monotonicNow() - audit.openedAt > UPLOAD_TIMEOUT_MS;
    if (isLate || audit.stage.source?.departure) this.#compute(audit);
  }

  /** Whether the coordinator may leave applying the updates to the workers on its machine. */
  #mayLag(): boolean {
    const { replica, workers } = this.#parts;
    const { steps, bytes } = replica.behind;
    const local = workers.present().filter((worker) => worker.local);
    const voices = new Set(local.map(({ voice }) => voice)).size;
    return voices > 1 && bytes * FEWEST_STEPS <= MOST_WAITING_BYTES * Math.max(1, steps);
  }

  /** Adopts the uploaded state once a worker of another voice has proved the same. */
  #adopt(audit: Audit): void {
    const { version, stage, proofs } = audit;
    if (stage.name !== 'awaiting-upload' || !stage.uploaded) return;
    const { sha256, state } = stage.uploaded;
    const others = [...proofs].filter(
      ([worker]) => worker !== stage.source && worker.departure === undefined,
    );
    if (others.some(([, proof]) => proof !== sha256)) return this.#compute(audit);
    if (others.every(([{ voice }]) => voice === stage.source?.voice)) return;
    if (this.#parts.replica.adopt(version, state)) this.#settle(audit, sha256);
    else this.#compute(audit);
  }

  /** The coordinator applies the updates itself. */
  #compute(audit: Audit): void {
    const { replica } = this.#parts;
    audit.stage = { name: 'computing' };
    replica
      .at(audit.version, (engine) => engine.run('hash', undefined))
      .then(
        ({ stateSha256 }) => this.#settle(audit, stateSha256),
        () => undefined, // the engine is beyond that version, or has ended
      );
    void replica.catchUp();
  }

  /** The run's state is known: workers that proved another one are removed. */
  #settle(audit: Audit, stateSha256: string): void {
    audit.stage = { name: 'settled', stateSha256 };
    for (const [worker, proof] of audit.proofs) this.#compare(audit, worker, proof);
  }

  #compare({ version, stage }: Audit, worker: WorkerRecord, proof: string): void {
    if (stage.name !== 'settled' || proof === stage.stateSha256 || worker.departure) return;
    const reason = `its state of version ${version} is not the run's`;
    this.#parts.steps.handle({ type: 'worker-gone', worker: worker.id, how: 'lost', reason });
  }
}
