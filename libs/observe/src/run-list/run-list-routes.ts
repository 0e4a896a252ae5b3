import { dirname } from 'node:path';
import { totalSteps } from '@lockstep/core';
import { reportSteps } from '../history/kept-steps.js';
import { stepsQuery, stepsReport } from '../history/schemas.js';
import { bestEvaluation, summarise } from '../run/run-report.js';
import type { RunView } from '../run-view.js';
import { remember } from '../server/caching.js';
import type { RouteParts, TypedApp } from '../server/route-parts.js';
import { problem, type Evaluated } from '../server/schemas.js';
import { runAddress, runsReport, type RunSummary } from './schemas.js';
import { StoredRuns } from './stored-runs.js';

const LIST_EVERY_MS = 2_000;

const problems = { 400: problem, 404: problem, 503: problem };

const routes = {
  runs: {
    schema: {
      summary: 'the runs in this coordinator’s folder of runs',
      response: { 200: runsReport, ...problems },
    },
  },
  steps: {
    serializerCompiler: () => JSON.stringify,
    schema: {
      summary: 'as /api/steps, of any run',
      params: runAddress,
      querystring: stepsQuery,
      response: { 200: stepsReport, ...problems },
    },
  },
};

/** The runs in this coordinator's folder of runs, to compare with the one it leads. */
export function addRunListRoutes(app: TypedApp, parts: RouteParts): void {
  let stored: StoredRuns | undefined;
  const runs = async (): Promise<StoredRuns> =>
    (stored ??= new StoredRuns(dirname((await parts.run()).view.folder.path)));
  const list = remember(LIST_EVERY_MS, async () => (await runs()).list());

  app.get('/api/runs', routes.runs, async () => {
    const { runs: found, more } = await list();
    const { view } = await parts.run();
    const { evaluations, skipped } = await parts.history();
    const rows = found.map((run) =>
      idOf(run) === idOf(view)
        ? summaryOf(view, evaluations, { led: true, skippedEvents: skipped })
        : summaryOf(run, run.results, {
            led: false,
            skippedEvents: run.skippedEvents,
            isInterrupted: run.isInterrupted,
          }),
    );
    return { runs: rows, more };
  });
  app.get('/api/runs/:runId/steps', routes.steps, async ({ params: { runId }, query }) => {
    const isLed = idOf((await parts.run()).view) === runId;
    const history = isLed ? await parts.history() : await (await runs()).history(runId);
    return reportSteps(history, query);
  });
}

function idOf({ folder }: RunView): string {
  return folder.record.runId;
}

interface SummaryFacts {
  readonly led: boolean;
  readonly skippedEvents: number;
  readonly isInterrupted?: boolean;
}

/** @param results of the run's evaluations, in step order */
function summaryOf(
  { folder, status }: RunView,
  results: readonly Evaluated[],
  { led, skippedEvents, isInterrupted = false }: SummaryFacts,
): RunSummary {
  const { runId, spec, createdAt } = folder.record;
  const { state, reason } = status.condition;
  return {
    id: runId,
    ...(isInterrupted
      ? {
          state: 'interrupted',
          reason: `its coordinator is gone: continue it with \`lockstep train --resume ${runId}\``,
        }
      : { state, reason }),
    led,
    step: status.committedStep,
    steps: totalSteps(spec),
    lastEvaluation: results.at(-1) ?? null,
    bestEvaluation: bestEvaluation(spec, results),
    skippedEvents,
    createdAt,
    spec: summarise(spec),
  };
}
