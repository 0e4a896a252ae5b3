import { z } from 'zod';
import { whole, wholeText } from '../server/schemas.js';

const shape = z.array(whole).meta({ description: '[height, width, channels] or [units]' });
const version = whole.meta({ description: 'of the weights that were read' });

const axisField = z
  .object({ size: whole, stride: whole, offset: z.int() })
  .meta({ description: 'unit n covers `size` pixels from `offset` + n · `stride`' });

export const modelReport = z.object({
  name: z.string(),
  imageShape: shape.meta({ description: 'of one sample; three dimensions for pictures' }),
  classCount: whole.meta({ description: '0 for a regression' }),
  parameterCount: whole,
  keepProb: z.number().meta({ description: 'probability of keeping a unit in dropout' }),
  layers: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      explanation: z.string().meta({
        description: 'the kind, or `output` for the layer of the classes',
      }),
      outputShape: shape,
      parameterCount: whole,
      parameters: z.array(z.object({ name: z.string(), shape: z.array(whole) })),
      receptiveField: z
        .object({ rows: axisField, columns: axisField })
        .nullable()
        .meta({ description: 'null where units have no position in the image' }),
    }),
  ),
});

const histogram = z.object({
  low: z.number(),
  high: z.number(),
  counts: z.array(whole).meta({ description: 'in equal bins from `low` to `high`' }),
  mean: z.number(),
  deviation: z.number(),
});

export const histogramsReport = z.object({
  version,
  parameters: z.array(
    z.object({
      name: z.string(),
      size: whole.meta({ description: 'number of values' }),
      sampled: whole.meta({ description: 'number of values sampled, spread over all of them' }),
      weights: histogram,
      gradient: histogram.nullable().meta({
        description:
          'of the last update, a mean over the samples of its step; null before the first',
      }),
    }),
  ),
});

export const filtersReport = z.object({
  version,
  filters: z
    .object({
      layer: z.string(),
      kind: z.enum(['conv2d', 'dense']),
      height: whole,
      width: whole,
      channels: whole,
      filterCount: whole.meta({ description: 'of the layer; there may be fewer pictures' }),
      values: z
        .array(z.number())
        .meta({ description: '[pictures, height, width, channels], row-major' }),
    })
    .nullable()
    .meta({ description: 'null where the first layer’s weights are not over pixels' }),
});

/** The largest picture of the API. */
const MOST_PIXELS = 65_536;
const LARGEST_PIXEL = 255;
export const MOST_PREDICT_BYTES = 24 * MOST_PIXELS;

export const predictRequest = z.strictObject({
  pixels: z.array(z.number().min(0).max(LARGEST_PIXEL)).max(MOST_PIXELS).meta({
    description:
      'height · width · channels, row-major, light on dark: from 0 to 1, or to 255 where any is above 1',
  }),
  activations: z
    .boolean()
    .default(false)
    .meta({ description: 'also return the activations of every layer' }),
  dropout: z
    .boolean()
    .default(false)
    .meta({ description: 'drop units, as the next training step would' }),
  place: whole
    .max(0xffff)
    .default(0)
    .meta({ description: 'the position in that step’s batch whose noise is used' }),
});

export const predictAnswer = z.object({
  version,
  digit: whole.meta({ description: 'the most likely class' }),
  probabilities: z.array(z.number()),
  activations: z
    .array(
      z.object({
        layer: z.string(),
        shape,
        low: z.number().meta({ description: 'the value of level 0' }),
        high: z.number().meta({ description: 'the value of level 255' }),
        levels: z
          .string()
          .meta({ description: 'one byte per value, row-major with channels last, in base64' }),
      }),
    )
    .exactOptional(),
});

export const testDigitAddress = z.strictObject({ index: wholeText });

export const testDigit = z.object({
  index: whole,
  count: whole.meta({ description: 'number of test images' }),
  label: whole,
  shape,
  pixels: z.array(whole.max(LARGEST_PIXEL)).meta({ description: 'row-major' }),
});

const MOST_MISTAKES = 500;

export const evaluationQuery = z.strictObject({
  version: wholeText.optional().meta({ description: 'one of `versions`; by default the newest' }),
  mistakes: wholeText.max(MOST_MISTAKES).default(60),
  label: wholeText.optional().meta({ description: 'only mistakes with images of this class' }),
  predicted: wholeText.optional().meta({ description: 'only images classified as this class' }),
});

export const evaluationReport = z.object({
  versions: z.array(whole).meta({ description: 'the last evaluated ones' }),
  version: whole.nullable().meta({ description: 'null where none has been evaluated yet' }),
  testAccuracy: z.number().nullable().meta({ description: 'null also for a regression' }),
  testLoss: z.number().nullable(),
  metrics: z.record(z.string(), z.number()),
  confusion: z.array(z.array(whole)).meta({
    description:
      '[label][predicted]: how many test samples of a class were classified as which; empty for a regression, and beyond 100 classes',
  }),
  classes: z.array(
    z.object({ label: whole, count: whole, correctCount: whole, accuracy: z.number() }),
  ),
  mistakeCount: whole,
  mistakes: z
    .array(z.object({ index: whole, label: whole, predicted: whole, confidence: z.number() }))
    .meta({ description: 'most confident first; `index` is that of /api/test-digits' }),
});

export type ModelReport = z.infer<typeof modelReport>;
export type HistogramsReport = z.infer<typeof histogramsReport>;
export type FiltersReport = z.infer<typeof filtersReport>;
export type PredictRequest = z.output<typeof predictRequest>;
export type PredictAnswer = z.infer<typeof predictAnswer>;
export type EvaluationAnswer = z.infer<typeof evaluationReport>;
