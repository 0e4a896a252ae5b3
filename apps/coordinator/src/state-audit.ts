import type { StateProof } from '@lockstep/protocol';
import { MOST_WAITING_BYTES, type Replica } from './replica.js';

/**
 * Settles, every so often, which state the run is at. Workers that are asked to prove theirs must
 * all hold the same. Where they share this machine, the coordinator does not compute what they have
 * computed already: it takes the state of one of them, once another has proved that it holds the
 * same. Everything else leads to the coordinator's applying the updates itself, whose word is final.
 */
export interface StateAudit {
  /**
   * To be asked for each version before its update is published.
   *
   * @param isKept whether the state of that version will be evaluated or saved
   * @returns whether the workers are to prove their state of it
   */
  opens(version: number, isKept: boolean): boolean;
  /** That update is in the replica's log. */
  appended(): void;
  /** A worker's proof has come. @returns whether it is to hand its state in */
  proved(worker: string, proof: StateProof): boolean;
  /** Whether this worker was asked for this state. */
  expects(worker: string, version: number): boolean;
  /** @returns whether the state was taken over, now or when another worker proves it */
  stateUploaded(worker: string, proof: StateProof, state: Uint8Array<ArrayBuffer>): boolean;
  gone(worker: string): void;
  /** Gives up what takes too long; to be called now and then. */
  tick(): void;
}

export interface StateAuditParts {
  readonly replica: Replica;
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number;
  /** Workers on this machine. */
  readonly localWorkers: () => readonly string[];
  /** A worker's state is not the run's. */
  readonly diverged: (worker: string, reason: string) => void;
  /** Most steps from one state audit to the next. */
  readonly every: number;
}

/** A log that is full sooner is not worth a state. */
const FEWEST_STEPS = 10;
const PATIENCE_MS = 3_000;

interface Open {
  readonly version: number;
  readonly openedAt: number;
  /** By worker, the hash of the state that it holds. */
  readonly proofs: Map<string, string>;
  /** Whether a worker's state is to be adopted, or the coordinator's own counts. */
  stage: 'adopting' | 'computing' | 'over';
  /** Whose state is asked for. */
  asked?: string;
  stateUploaded?: { readonly sha256: string; readonly state: Uint8Array<ArrayBuffer> };
  /** Hash of the run's state, once that is settled. */
  truth?: string;
}

export function createStateAudit(parts: StateAuditParts): StateAudit {
  const { replica, now, localWorkers, diverged, every } = parts;
  let current: Open | undefined;
  let since = 0;

  const compare = ({ version, truth }: Open, worker: string, sha256: string): void => {
    if (truth === undefined || sha256 === truth) return;
    diverged(worker, `its state of version ${version} is not the run's`);
  };
  /** The run's state is known: whoever holds another one is told. */
  const settle = (open: Open, truth: string): void => {
    open.stage = 'over';
    open.truth = truth;
    delete open.stateUploaded;
    for (const [worker, sha256] of open.proofs) compare(open, worker, sha256);
  };
  /** The coordinator applies the updates itself. */
  const compute = (open: Open): void => {
    open.stage = 'over';
    delete open.stateUploaded;
    replica
      .at(open.version, (engine) => engine.run('hash', undefined))
      .then(
        ({ stateSha256 }) => settle(open, stateSha256),
        () => undefined, // the engine is beyond it, or ends
      );
    void replica.catchUp();
  };
  /** Takes over the state that two workers hold. */
  const adopt = (open: Open): void => {
    const { version, asked, stateUploaded, proofs, stage } = open;
    if (stage !== 'adopting' || !stateUploaded) return;
    const others = [...proofs].filter(([worker]) => worker !== asked).map(([, sha256]) => sha256);
    if (others.some((sha256) => sha256 !== stateUploaded.sha256)) return compute(open);
    if (others.length === 0) return;
    if (replica.adopt(version, stateUploaded.state)) settle(open, stateUploaded.sha256);
    else compute(open);
  };
  /** Whether it is left to the workers on this machine to apply the updates. */
  const lags = (): boolean => {
    const { steps, bytes } = replica.behind;
    return (
      localWorkers().length > 1 && bytes * FEWEST_STEPS <= MOST_WAITING_BYTES * Math.max(1, steps)
    );
  };
  const asks = (open: Open, worker: string): boolean =>
    open.stage === 'adopting' && open.asked === undefined && localWorkers().includes(worker);

  return {
    opens: (version, isKept) => {
      since += 1;
      const full = 2 * replica.behind.bytes >= MOST_WAITING_BYTES;
      if (current?.stage === 'adopting' || !(isKept || full || since >= every)) return false;
      since = 0;
      const stage = lags() ? 'adopting' : 'computing';
      current = { version, openedAt: now(), proofs: new Map(), stage };
      if (stage === 'adopting') replica.expect(version);
      return true;
    },
    appended: () => {
      const lagging = lags() && replica.behind.bytes <= MOST_WAITING_BYTES;
      if (current?.stage === 'computing' || (current?.stage === 'adopting' && !lagging)) {
        compute(current);
      }
      if (!lagging) void replica.catchUp();
    },
    proved: (worker, { version, stateSha256 }) => {
      if (version !== current?.version || current.proofs.has(worker)) return false;
      current.proofs.set(worker, stateSha256);
      compare(current, worker, stateSha256);
      const asked = asks(current, worker);
      if (asked) current.asked = worker;
      adopt(current);
      return asked;
    },
    expects: (worker, version) =>
      current?.stage === 'adopting' && current.version === version && current.asked === worker,
    stateUploaded: (worker, { version, stateSha256: sha256 }, state) => {
      if (current?.stage !== 'adopting' || current.version !== version) return false;
      if (current.asked !== worker || current.proofs.get(worker) !== sha256) return false;
      current.stateUploaded = { sha256, state };
      adopt(current);
      return true;
    },
    gone: (worker) => {
      current?.proofs.delete(worker);
      if (current?.stage === 'adopting' && current.asked === worker) compute(current);
    },
    tick: () => {
      if (current?.stage === 'adopting' && now() - current.openedAt > PATIENCE_MS) compute(current);
    },
  };
}
