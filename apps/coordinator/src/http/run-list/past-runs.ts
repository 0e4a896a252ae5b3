import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasEnded, LockstepError, totalSteps, type RunState } from '@lockstep/core';
import { isBeingWritten, openRunFolder, type RunFolder } from '@lockstep/store';
import { createGatherer, type Gathered } from '../history/event-gatherer.js';
import { lengthOf, parseEventLine, readEvents, readLines } from '../history/read-events.js';
import { bestOf, summarise } from '../run/run-report.js';
import type { RunSummary } from './schemas.js';

/** The runs in a folder, whoever has led them. */
export interface PastRuns {
  /** The newest first. */
  list(): Promise<{ readonly runs: readonly RunSummary[]; readonly more: number }>;
  /** All that a run's events tell. @throws LockstepError `run-not-found` or `run-damaged` */
  read(runId: string): Promise<Gathered>;
}

const MOST_LISTED = 200;
/** A run's curves may have a hundred thousand points. */
const MOST_REMEMBERED = 4;
const STEP_LINE = '{"event":"step"';

/** @param out the folder of the runs */
export function createPastRuns(out: string): PastRuns {
  const summaries = new Map<string, Stamped<Outline>>();
  const histories = new Map<string, Stamped<Gathered>>();
  return {
    list: async () => {
      const names = await runNames(out);
      const runs: RunSummary[] = [];
      // One after the other: the coordinator has more urgent things to do.
      for (const name of names.slice(0, MOST_LISTED)) {
        const summary = await summariseRun(out, name, summaries).catch(() => undefined);
        if (summary) runs.push(summary);
      }
      return { runs, more: Math.max(0, names.length - MOST_LISTED) };
    },
    read: async (runId) => {
      if (!(await runNames(out)).includes(runId)) throw notFound(out, runId);
      const path = eventsOf(join(out, runId));
      const gathered = await unlessUnchanged(histories, path, () => gather(path));
      const [oldest] = histories.keys();
      if (histories.size > MOST_REMEMBERED && oldest !== undefined) histories.delete(oldest);
      return gathered;
    },
  };
}

/** Names begin with the moment a run was begun. */
async function runNames(out: string): Promise<readonly string[]> {
  const entries = await readdir(out, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .reverse();
}

async function summariseRun(
  out: string,
  name: string,
  summaries: Map<string, Stamped<Outline>>,
): Promise<RunSummary> {
  const folder = await openRunFolder(out, name);
  const path = eventsOf(folder.path);
  const { state, reason, ...outline } = await unlessUnchanged(summaries, path, () =>
    outlined(path),
  );
  const { runId, spec, createdAt } = folder.record;
  return {
    ...{ id: runId, led: false, createdAt, steps: totalSteps(spec), spec: summarise(spec) },
    ...outline,
    ...(await standing(folder, state, reason)),
  };
}

/** A run that has not ended, and that nobody writes, was interrupted. */
async function standing(
  { disk, record }: RunFolder,
  state: RunState,
  reason: string,
): Promise<Pick<RunSummary, 'state' | 'reason'>> {
  if (hasEnded(state) || (await isBeingWritten(disk, Date.now()))) return { state, reason };
  return {
    state: 'interrupted',
    reason: `its coordinator is gone: go on by \`lockstep train --resume ${record.runId}\``,
  };
}

/** What a list says of a run. */
type Outline = Pick<RunSummary, 'step' | 'lastEvaluation' | 'bestEvaluation' | 'reason'> & {
  readonly state: RunState;
};

async function outlined(path: string): Promise<Outline> {
  const { take, gathered } = createGatherer();
  let lastStep = '';
  let condition: Pick<Outline, 'state' | 'reason'> = {
    state: 'waiting-for-workers',
    reason: 'it has not begun',
  };
  for await (const line of readLines(path, lengthOf(path))) {
    // Nearly all lines are steps, of which the last complete one will do.
    if (line.startsWith(STEP_LINE)) {
      if (line.endsWith('}')) lastStep = line;
      continue;
    }
    const timed = parseEventLine(line);
    if (timed) take(timed);
    if (timed?.event.event === 'state') condition = timed.event;
  }
  const step = parseEventLine(lastStep);
  if (step) take(step);
  const { state, reason } = condition;
  return {
    ...{ state, reason, step: gathered.lastStep?.step ?? 0 },
    lastEvaluation: gathered.evaluations.at(-1) ?? null,
    bestEvaluation: bestOf(gathered.evaluations),
  };
}

async function gather(path: string): Promise<Gathered> {
  const { take, gathered } = createGatherer();
  for await (const event of readEvents(path, lengthOf(path))) take(event);
  return gathered;
}

interface Stamped<Value> {
  readonly stamp: string;
  readonly value: Value;
}

/** What was made of a file, made again when the file has changed. */
async function unlessUnchanged<Value>(
  known: Map<string, Stamped<Value>>,
  path: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const stamp = await stat(path).then(
    ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
    () => '',
  );
  const before = known.get(path);
  if (before?.stamp === stamp) return before.value;
  const value = await make();
  known.set(path, { stamp, value });
  return value;
}

function eventsOf(folder: string): string {
  return join(folder, 'events.jsonl');
}

function notFound(out: string, runId: string): LockstepError {
  return new LockstepError('run-not-found', `there is no run ${runId} in ${out}`, {
    remedy: 'see /api/runs for those that are there',
  });
}
