import { z } from 'zod';
import { layerRule, type LayerRule } from './layer-rule.js';

/** A layer that only changes values in training. */
const identity = (schema: z.ZodObject): LayerRule =>
  layerRule({ schema, onnx: (_settings, _call, [x]) => x });

const rate = z.object({ rate: z.number() });

/** Layers that a prediction passes unchanged. */
export const identityRules: Readonly<Record<string, LayerRule>> = {
  Dropout: identity(rate),
  SpatialDropout1D: identity(rate),
  GaussianDropout: identity(rate),
  AlphaDropout: identity(rate),
  GaussianNoise: identity(z.object({ stddev: z.number() })),
};
