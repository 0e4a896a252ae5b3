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

const routes = {
  model: { schema: { summary: 'the layers', response: { 200: modelReport, ...problems } } },
  histograms: {
    schema: {
      summary: 'the distribution of weights and of the last gradient, for each parameter',
      response: { 200: histogramsReport, ...problems },
    },
  },
  filters: {
    schema: {
      summary: 'the weights of the first layer, as pictures',
      response: { 200: filtersReport, ...problems },
    },
  },
  predict: {
    config: { access: 'viewer' }, // it changes nothing
    bodyLimit: MOST_PREDICT_BYTES,
    schema: {
      summary: 'the network’s prediction for a picture; changes nothing',
      body: predictRequest,
      response: { 200: predictAnswer, 403: problem, ...problems },
    },
  },
  evaluation: {
    schema: {
      summary: 'an evaluation’s confusion matrix and its most confident errors',
      querystring: evaluationQuery,
      response: { 200: evaluationReport, ...problems },
    },
  },
  testDigit: {
    schema: {
      summary: 'an image of the test set',
      params: testDigitAddress,
      response: { 200: testDigit, ...problems },
    },
  },
} as const;

/** The network at the version that the coordinator holds, and its evaluation on the test set. */
export function addNetworkRoutes(app: TypedApp, parts: RouteParts): void {
  const network = async () => (await parts.run()).network;
  app.get('/api/model', routes.model, async () => reportModel(await network()));
  app.get('/api/model/histograms', routes.histograms, async () =>
    reportHistograms(await network()),
  );
  app.get('/api/model/filters', routes.filters, async () => reportFilters(await network()));
  app.post('/api/predict', routes.predict, async ({ body }) => {
    const shown = await network();
    return reportObservation(await shown.observe(observationFor(body, shown.spec)), body);
  });
  app.get('/api/evaluation', routes.evaluation, async ({ query }) => {
    const { version, mistakes: most, label, predicted } = query;
    const evaluations = await (await parts.run()).view.evaluations();
    return reportEvaluations(evaluations, await network(), { version, most, label, predicted });
  });
  app.get('/api/test-digits/:index', routes.testDigit, async ({ params: { index } }) => {
    const shown = await network();
    const { pixels, label } = await shown.testImage(index);
    const { testCount: count, inputShape } = shown.spec.data;
    return { index, count, label, shape: [...inputShape], pixels: [...pixels] };
  });
}
