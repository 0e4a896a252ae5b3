import type { RunEvent } from '@lockstep/core';

/** The event with which a coordinator begins to lead a run. */
export const startedEvent: Extract<RunEvent, { event: 'run-started' }> = {
  ...{ event: 'run-started', runId: 'run-1', term: 3, model: 'small', parameterCount: 4 },
  ...{ data: 'small', trainCount: 40, testCount: 10, inputShape: [1, 1, 1], classes: 2 },
  ...{ steps: 4, batch: 10, shardsPerStep: 2, usefulWorkers: 2, backend: 'native' },
  ...{ fingerprint: 'ff', numerics: 'strict', folder: '/runs/run-1' },
};
