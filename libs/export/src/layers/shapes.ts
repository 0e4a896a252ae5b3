import { z } from 'zod';
import { channelsLast, layerRule, type LayerRule } from './layer-rule.js';

const flatten = layerRule({
  schema: z.object({ dataFormat: channelsLast }),
  onnx: (_settings, _call, [x], graph) => graph.add('Flatten', [x], { axis: 1 }),
});

const reshape = layerRule({
  schema: z.object({ targetShape: z.array(z.number().nullable()) }),
  keras: ({ targetShape }) => ({ config: { target_shape: targetShape.map((size) => size ?? -1) } }),
  onnx: ({ targetShape }, _call, [x], graph) => {
    const SAME_SIZE = 0;
    const shape = [SAME_SIZE, ...targetShape.map((size) => size ?? -1)];
    return graph.add('Reshape', [x, graph.ints(shape, 'shape')]);
  },
});

const permute = layerRule({
  schema: z.object({ dims: z.array(z.number()) }),
  onnx: ({ dims }, _call, [x], graph) => graph.add('Transpose', [x], { perm: [0, ...dims] }),
});

const repeatVector = layerRule({
  schema: z.object({ n: z.number() }),
  onnx: ({ n }, _call, [x], graph) => {
    const row = graph.add('Unsqueeze', [x, graph.ints([1], 'axis')]);
    return graph.add('Tile', [row, graph.ints([1, n, 1], 'repeats')]);
  },
});

/** [[top, bottom], [left, right]] */
const edges = z.tuple([z.array(z.number()).length(2), z.array(z.number()).length(2)]);

const zeroPadding = layerRule({
  schema: z.object({ padding: edges, dataFormat: channelsLast }),
  onnx: ({ padding: [[top, bottom], [left, right]] }, _call, [x], graph) =>
    graph.add('Pad', [x, graph.ints([0, top, left, 0, 0, bottom, right, 0], 'pads')]),
});

const upSampling = layerRule({
  schema: z.object({
    size: z.array(z.number()).length(2),
    dataFormat: channelsLast,
    interpolation: z.literal('nearest', 'only nearest is supported'),
  }),
  onnx: ({ size }, _call, [x], graph) =>
    graph.add('Resize', [x, '', graph.floats([1, ...size, 1], [4], 'scales')], {
      ...{ mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    }),
});

const rescaling = layerRule({
  schema: z.object({ scale: z.number(), offset: z.number() }),
  onnx: ({ scale, offset }, _call, [x], graph) => {
    const scaled = graph.add('Mul', [x, graph.floats([scale], [], 'scale')]);
    return graph.add('Add', [scaled, graph.floats([offset], [], 'offset')]);
  },
});

/** Layers that move or scale values. */
export const shapeRules: Readonly<Record<string, LayerRule>> = {
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  RepeatVector: repeatVector,
  ZeroPadding2D: zeroPadding,
  UpSampling2D: upSampling,
  Rescaling: rescaling,
};
