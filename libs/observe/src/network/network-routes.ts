import type { RouteParts, TypedApp } from '../server/route-parts.js';
import { problem } from '../server/schemas.js';
import { reportEvaluations } from './evaluation-report.js';
import {
  observationFor,
  reportFilters,
  reportHistograms,
  reportModel,
  reportObservation,
} from './network-reports.js';
import {
  evaluationQuery,
  evaluationReport,
  filtersReport,
  histogramsReport,
  modelReport,
  MOST_PREDICT_BYTES,
  predictAnswer,
  predictRequest,
  testDigit,
  testDigitAddress,
} from './schemas.js';

const problems = { 400: problem, 503: problem };

/** The network at the version that the coordinator holds, and its evaluation on the test set. */
export function addNetworkRoutes(app: TypedApp, parts: RouteParts): void {
  app.get(
    '/api/model',
    { schema: { summary: 'the layers', response: { 200: modelReport, ...problems } } },
    async () => reportModel((await parts.run()).network),
  );
  app.get(
    '/api/model/histograms',
    {
      schema: {
        summary: 'the distribution of weights and of the last gradient, for each parameter',
        response: { 200: histogramsReport, ...problems },
      },
    },
    async () => reportHistograms((await parts.run()).network),
  );
  app.get(
    '/api/model/filters',
    {
      schema: {
        summary: 'the weights of the first layer, as pictures',
        response: { 200: filtersReport, ...problems },
      },
    },
    async () => reportFilters((await parts.run()).network),
  );
  app.post(
    '/api/predict',
    {
      config: { access: 'viewer' }, // it changes nothing
      bodyLimit: MOST_PREDICT_BYTES,
      schema: {
        summary: 'the network’s prediction for a picture; changes nothing',
        body: predictRequest,
        response: { 200: predictAnswer, 403: problem, ...problems },
      },
    },
    async ({ body }) => {
      const { network } = await parts.run();
      return reportObservation(await network.observe(observationFor(body, network.spec)), body);
    },
  );
  addTestSetRoutes(app, parts);
}

function addTestSetRoutes(app: TypedApp, parts: RouteParts): void {
  app.get(
    '/api/evaluation',
    {
      schema: {
        summary: 'an evaluation’s confusion matrix and its most confident errors',
        querystring: evaluationQuery,
        response: { 200: evaluationReport, ...problems },
      },
    },
    async ({ query: { version, mistakes: most, label, predicted } }) => {
      const { view, network } = await parts.run();
      const wanted = { version, most, label, predicted };
      return reportEvaluations(await view.evaluations(), network, wanted);
    },
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
      const { testCount: count, inputShape } = network.spec.data;
      return { index, count, label, shape: [...inputShape], pixels: [...pixels] };
    },
  );
}
