import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { fetchJson } from '../../api/fetch-json.js';
import type { Range } from '../../charts/points.js';
import { GrowingSteps } from '../../data/step-columns.js';
import { store } from '../../data/store.js';
import {
  coarseWindow,
  covers,
  withFiner,
  type FinerSteps,
  type StepWindow,
} from './finer-steps.js';
import type { XAxis } from './read-choices.js';
import { axisOf, type DrawnRun } from './run-curves.js';

/** By run: the part that was zoomed into last. */
const known = signal<ReadonlyMap<string, FinerSteps>>(new Map());

/**
 * Long histories are decimated: when the user zooms in, the missing steps are loaded; the decimated
 * ones are drawn meanwhile.
 */
export function useFinerRuns(
  runs: readonly DrawnRun[],
  x: XAxis,
  range: Range | undefined,
): readonly DrawnRun[] {
  const windows = useMemo(
    () =>
      runs.flatMap((run) => {
        const window = range && coarseWindow(run.steps, axisOf(run, x), range);
        return window ? [{ name: run.name, ...window }] : [];
      }),
    [runs, x, range?.from, range?.to],
  );
  useEffect(() => {
    const stop = new AbortController();
    for (const { name, ...window } of windows) {
      if (!covers(known.peek().get(name), window)) void load(name, window, stop.signal);
    }
    return () => stop.abort();
  }, [JSON.stringify(windows)]);
  const finer = known.value;
  return useMemo(
    () =>
      runs.map((run) => {
        const found = finer.get(run.name);
        const shown = windows.some(({ name }) => name === run.name);
        return found && shown ? { ...run, steps: withFiner(run.steps, found) } : run;
      }),
    [runs, finer, windows],
  );
}

async function load(runId: string, window: StepWindow, signal: AbortSignal): Promise<void> {
  const query = { ...window };
  const isCurrent = runId === store.run.peek()?.runId;
  try {
    const history = isCurrent
      ? await fetchJson('/api/steps', { query, signal })
      : await fetchJson('/api/runs/{runId}/steps', { path: { runId }, query, signal });
    const { columns: steps } = new GrowingSteps(history.steps);
    const finer = { ...window, steps, complete: !history.decimated };
    known.value = new Map(known.peek()).set(runId, finer);
  } catch {
    // The decimated history stays; the connection banner reports connection errors.
  }
}
