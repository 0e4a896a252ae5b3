import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { fetchJson } from '../../api/fetch-json.js';
import { GrowingSteps } from '../../data/step-columns.js';
import { notifyError } from '../../design/index.js';
import type { DrawnRun } from './run-curves.js';

/** The first colour is used for the current run. */
const COLORS = 8;

/** Ended runs do not change: each is read once. */
const read = signal<ReadonlyMap<string, Omit<DrawnRun, 'color'>>>(new Map());
const asked = new Set<string>();

/**
 * The histories of other runs, as they are loaded; the position in the list determines the colour.
 */
export function useOtherRuns(ids: readonly string[]): readonly DrawnRun[] {
  const key = ids.join();
  useEffect(() => ids.forEach((id) => void load(id)), [key]);
  const known = read.value;
  return useMemo(
    () =>
      ids.flatMap((id, index) => {
        const run = known.get(id);
        return run ? [{ ...run, color: `--series-${2 + (index % (COLORS - 1))}` }] : [];
      }),
    [key, known],
  );
}

async function load(runId: string): Promise<void> {
  if (asked.has(runId)) return;
  asked.add(runId);
  try {
    const history = await fetchJson('/api/runs/{runId}/steps', { path: { runId } });
    const { columns } = new GrowingSteps(history.steps);
    const run = { name: runId, steps: columns, evaluations: history.evaluations };
    read.value = new Map(read.peek()).set(runId, run);
  } catch (error) {
    asked.delete(runId);
    notifyError(`${runId} could not be loaded`, error);
  }
}
