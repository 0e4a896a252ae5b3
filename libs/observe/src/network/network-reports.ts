import { LockstepError, parameterCount, sizeOf, type RunSpec } from '@lockstep/core';
import type { EngineCommands, Observation } from '@lockstep/engine';
import type { NetworkInspector } from './network-inspector.js';
import type {
  FiltersReport,
  HistogramsReport,
  ModelReport,
  PredictAnswer,
  PredictRequest,
} from './schemas.js';

export async function reportModel(network: NetworkInspector): Promise<ModelReport> {
  const { model, data, keepProb } = network.spec;
  const layers = await network.layers();
  return {
    name: model.name,
    imageShape: [...data.inputShape],
    classCount: 'classes' in data.target ? data.target.classes : 0,
    parameterCount: parameterCount(model.parameters),
    keepProb,
    layers: layers.map(({ receptiveField, ...layer }, index) => ({
      ...layer,
      outputShape: [...layer.outputShape],
      parameters: layer.parameters.map(({ name, shape }) => ({ name, shape: [...shape] })),
      explanation: index === layers.length - 1 ? 'output' : layer.kind,
      receptiveField: receptiveField ?? null,
    })),
  };
}

export async function reportHistograms(network: NetworkInspector): Promise<HistogramsReport> {
  const { version, parameters } = await network.histograms();
  type Found = (typeof parameters)[number]['weights'];
  const plain = (found: Found): HistogramsReport['parameters'][number]['weights'] => ({
    ...found,
    counts: [...found.counts],
  });
  return {
    version,
    parameters: parameters.map(({ weights, gradient, ...facts }) => ({
      ...facts,
      weights: plain(weights),
      gradient: gradient ? plain(gradient) : null,
    })),
  };
}

export async function reportFilters(network: NetworkInspector): Promise<FiltersReport> {
  const { version, filters } = await network.firstFilters();
  return { version, filters: filters ? { ...filters, values: [...filters.values] } : null };
}

/** Height, width and channels. */
const PICTURE_DIMENSIONS = 3;

/**
 * The engine's observation for a request.
 *
 * @throws LockstepError `bad-request` where samples are not pictures in classes, or the number of pixels is another
 */
export function observationFor(
  { pixels, activations, dropout, place }: PredictRequest,
  { data }: Pick<RunSpec, 'data'>,
): EngineCommands['observe']['argument'] {
  if (data.inputShape.length !== PICTURE_DIMENSIONS) {
    const shape = data.inputShape.join(', ');
    throw new LockstepError('bad-request', `a sample of this run is [${shape}], not a picture`);
  }
  if ('values' in data.target) {
    throw new LockstepError('bad-request', 'this run is a regression, which predicts no class');
  }
  const wanted = sizeOf(data.inputShape);
  if (pixels.length !== wanted) {
    throw new LockstepError(
      'bad-request',
      `an image of this run has ${wanted} pixels, [${data.inputShape.join(', ')}], not ${pixels.length}`,
    );
  }
  const scale = pixels.some((pixel) => pixel > 1) ? 255 : 1;
  const image = Float32Array.from(pixels, (pixel) => pixel / scale);
  return { image, activations, ...(dropout ? { dropoutOf: place } : {}) };
}

export function reportObservation(
  { version, probabilities, activations, levels }: Observation,
  wanted: Pick<PredictRequest, 'activations'>,
): PredictAnswer {
  return {
    version,
    digit: probabilities.indexOf(Math.max(...probabilities)),
    probabilities: [...probabilities],
    ...(wanted.activations && {
      activations: activations.map(({ layer, shape, low, high, offset }) => {
        const own = Buffer.from(levels.buffer, levels.byteOffset + offset, sizeOf(shape));
        return { layer, shape: [...shape], low, high, levels: own.toString('base64') };
      }),
    }),
  };
}
