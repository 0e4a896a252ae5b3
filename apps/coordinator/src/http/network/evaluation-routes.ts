import { LockstepError } from '@lockstep/core';
import { reportEvaluation, type MistakeQuery } from './evaluation-report.js';
import type { LedRun } from '../led-run.js';
import type { RouteParts, TypedApp } from '../route-parts.js';
import { problem } from '../schemas.js';
import {
  evaluationQuery,
  evaluationReport,
  testDigit,
  testDigitAddress,
  type EvaluationAnswer,
} from './schemas.js';

const problems = { 400: problem, 503: problem };

/** The test set, and what the network made of it. */
export function addEvaluationRoutes(app: TypedApp, parts: RouteParts): void {
  app.get(
    '/api/evaluation',
    {
      schema: {
        summary: 'what the test images of each class were taken for, and the worst mistakes',
        querystring: evaluationQuery,
        response: { 200: evaluationReport, ...problems },
      },
    },
    async ({ query: { version, mistakes: most, label, predicted } }) =>
      answer(await parts.run(), version, { most, label, predicted }),
  );
  app.get(
    '/api/test-digits/:index',
    {
      schema: {
        summary: 'an image of the test set',
        params: testDigitAddress,
        response: { 200: testDigit, ...problems },
      },
    },
    async ({ params: { index } }) => {
      const { network } = await parts.run();
      const { pixels, label } = await network.testImage(index);
      const { testCount: count, imageShape } = network.spec.data;
      return { index, count, label, shape: [...imageShape], pixels: [...pixels] };
    },
  );
}

async function answer(
  { network, service }: LedRun,
  version: number | undefined,
  query: MistakeQuery,
): Promise<EvaluationAnswer> {
  const { finished } = service.evaluations;
  const versions = finished.map((each) => each.version);
  const found =
    version === undefined ? finished.at(-1) : finished.find((each) => each.version === version);
  if (version !== undefined && !found) {
    throw new LockstepError('bad-request', `no evaluation of version ${version} is kept`, {
      remedy: `ask for one of ${versions.join(', ') || 'those to come'}`,
    });
  }
  if (!found) {
    const none = { version: null, testAccuracy: null, testLoss: null, mistakeCount: 0 };
    return { versions, ...none, confusion: [], classes: [], mistakes: [] };
  }
  const { classCount } = network.spec.data;
  const report = reportEvaluation(found, await network.testLabels(), classCount, query);
  return {
    versions,
    version: found.version,
    testAccuracy: found.testAccuracy,
    testLoss: found.testLoss,
    confusion: report.confusion.map((row) => [...row]),
    classes: report.classes.map((each) => ({
      ...each,
      accuracy: each.count === 0 ? 0 : each.correctCount / each.count,
    })),
    mistakeCount: report.mistakeCount,
    mistakes: [...report.mistakes],
  };
}
