import type { RouteParts, TypedApp } from '../route-parts.js';
import {
  observationFor,
  reportFilters,
  reportHistograms,
  reportModel,
  reportObservation,
} from './network-reports.js';
import { problem } from '../schemas.js';
import {
  filtersReport,
  histogramsReport,
  modelReport,
  MOST_PREDICT_BYTES,
  predictAnswer,
  predictRequest,
} from './schemas.js';

const problems = { 400: problem, 503: problem };

/** What there is to see of the network, at the version that the coordinator holds. */
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
        summary: 'how weights and the last gradient spread, for each parameter',
        response: { 200: histogramsReport, ...problems },
      },
    },
    async () => reportHistograms((await parts.run()).network),
  );
  app.get(
    '/api/model/filters',
    {
      schema: {
        summary: 'the weights that look at the image itself, as pictures',
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
        summary: 'what the network makes of a picture; changes nothing',
        body: predictRequest,
        response: { 200: predictAnswer, 403: problem, ...problems },
      },
    },
    async ({ body }) => {
      const { network } = await parts.run();
      return reportObservation(await network.observe(observationFor(body, network.spec)), body);
    },
  );
}
