import { dirname } from 'node:path';
import { reportSteps } from '../history/steps-report.js';
import { stepsQuery, stepsReport } from '../history/schemas.js';
import type { LedRun } from '../led-run.js';
import { remember } from '../remember.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { bestOf } from '../run/run-report.js';
import { problem } from '../schemas.js';
import { createPastRuns, type PastRuns } from './past-runs.js';
import { runAddress, runsReport, type RunSummary } from './schemas.js';

const LIST_EVERY_MS = 2_000;

const problems = { 400: problem, 404: problem, 503: problem };

/** The runs beside the one being led, to be laid over it. */
export function addRunListRoutes(app: TypedApp, parts: RouteParts): void {
  let pastRuns: PastRuns | undefined;
  const past = ({ folder }: LedRun): PastRuns =>
    (pastRuns ??= createPastRuns(dirname(folder.path)));
  const list = remember(LIST_EVERY_MS, async () => past(await parts.run()).list());

  app.get(
    '/api/runs',
    {
      schema: {
        summary: 'the runs in this coordinator’s folder of runs',
        response: { 200: runsReport, ...problems },
      },
    },
    async () => {
      const { runs, more } = await list();
      const led = await ledRow(parts);
      return { runs: runs.map((row) => (row.id === led.id ? { ...row, ...led } : row)), more };
    },
  );
  app.get(
    '/api/runs/:runId/steps',
    {
      serializerCompiler: () => JSON.stringify,
      schema: {
        summary: 'as /api/steps, of any run',
        params: runAddress,
        querystring: stepsQuery,
        response: { 200: stepsReport, ...problems },
      },
    },
    async ({ params: { runId }, query }) => {
      const run = await parts.run();
      const isLed = run.folder.record.runId === runId;
      return reportSteps(isLed ? await parts.history() : await past(run).read(runId), query);
    },
  );
}

/** What is better known of the run being led than its files tell. */
async function ledRow(
  parts: RouteParts,
): Promise<
  Pick<RunSummary, 'id' | 'led' | 'state' | 'reason' | 'step' | 'lastEvaluation' | 'bestEvaluation'>
> {
  const { condition, committedStep, runId } = (await parts.run()).service.collector.state;
  const { evaluations } = await parts.history();
  return {
    ...{ id: runId, led: true, state: condition.state, reason: condition.reason },
    step: committedStep,
    lastEvaluation: evaluations.at(-1) ?? null,
    bestEvaluation: bestOf(evaluations),
  };
}
