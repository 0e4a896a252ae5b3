import { type Evaluation, hasEnded } from '@lockstep/core';
import { type LockWatch, readEvaluations, type RunFolder } from '@lockstep/store';
import { lengthOf, NewestTerm, parseEventLine, readLines } from '../history/read-events.js';
import { eventsPath, RunHistory } from '../history/run-history.js';
import type {
  RunStatus,
  RunView,
  ShownCondition,
  TimelineSource,
  WorkerCounts,
  WorkerView,
} from '../run-view.js';
import type { Evaluated } from '../server/schemas.js';

/** The end of a run's events, which is all that a list of runs needs. */
export interface RunOutline {
  readonly status: RunStatus;
  readonly fingerprint: string;
  readonly results: readonly Evaluated[];
  /** How many lines of its events hold no valid one. */
  readonly skipped: number;
}

const NOT_BEGUN: ShownCondition = {
  state: 'waiting-for-workers',
  reason: 'it has not begun',
  since: 0,
};
const STEP_LINE = '{"event":"step"';
const STEP_NUMBER = /^\{"event":"step","step":(\d{1,9}),/;

/** A run as its folder tells of it: no coordinator of this process leads it. */
export class StoredRun implements RunView {
  readonly folder: RunFolder;
  readonly status: RunStatus;
  readonly fingerprint: string;
  /** The results of its evaluations, in step order. */
  readonly results: readonly Evaluated[];
  /** How many lines of its events hold no valid one. */
  readonly skippedEvents: number;
  /** Whether it has not ended although no coordinator writes it. */
  readonly isInterrupted: boolean;
  readonly inStateMs = 0;
  readonly stopping = false;
  readonly shardDeadlineMs = Infinity;
  /** The folder keeps no timelines. */
  readonly timelines: TimelineSource = { newest: [], subscribe: () => undefined };

  private constructor(folder: RunFolder, outline: RunOutline, isInterrupted: boolean) {
    this.folder = folder;
    this.status = outline.status;
    this.fingerprint = outline.fingerprint;
    this.results = outline.results;
    this.skippedEvents = outline.skipped;
    this.isInterrupted = isInterrupted;
  }

  /** @param watch observes whether a coordinator leads the run */
  static async open(folder: RunFolder, outline: RunOutline, watch: LockWatch): Promise<StoredRun> {
    const hasStopped = hasEnded(outline.status.condition.state);
    const isWritten = hasStopped || (await watch.isBeingWritten(folder.disk));
    return new StoredRun(folder, outline, !isWritten);
  }

  workers(): readonly WorkerView[] {
    return [];
  }

  workerCounts(): WorkerCounts {
    return { joining: 0, ready: 0, quarantined: 0 };
  }

  workerLog(): undefined {
    return undefined;
  }

  verdicts(): Record<string, never> {
    return {};
  }

  violations(): Record<string, never> {
    return {};
  }

  evaluations(): Promise<readonly Evaluation[]> {
    return readEvaluations(this.folder.disk, this.folder.record.spec);
  }
}

/** Reads a run's events for their end: of the steps, only the last complete line is parsed. */
export async function readOutline(folder: string): Promise<RunOutline> {
  const path = eventsPath(folder);
  const history = new RunHistory();
  let lastStep = '';
  let condition = NOT_BEGUN;
  let [term, fingerprint] = [0, ''];
  const newest = new NewestTerm();
  for await (const line of readLines(path, lengthOf(path))) {
    if (newest.isOver(line)) continue;
    if (line.startsWith(STEP_LINE)) {
      if (line.endsWith('}')) lastStep = line;
      continue;
    }
    const timed = parseEventLine(line);
    if (!timed) {
      history.skip();
      continue;
    }
    history.add(timed);
    const { at, event } = timed;
    if (event.event === 'state') {
      condition = { state: event.state, reason: event.reason, since: at };
    }
    if (event.event === 'run-started') ({ term = 0, fingerprint } = event);
  }
  // The number counts even where the step's figures cannot be shown.
  const [, committedStep = 0] = STEP_NUMBER.exec(lastStep) ?? [];
  return {
    status: { term, condition, committedStep: Number(committedStep) },
    fingerprint,
    results: history.evaluations,
    skipped: history.skipped,
  };
}
