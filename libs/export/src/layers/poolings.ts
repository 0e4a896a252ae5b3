import { z } from 'zod';
import { channelsLast, layerRule, type LayerRule } from './layer-rule.js';
import { paddingMode, windowAttributes, withChannelsFirst } from './windows.js';

const pooling = (operator: 'MaxPool' | 'AveragePool'): LayerRule =>
  layerRule({
    schema: z.object({
      poolSize: z.array(z.number()),
      strides: z.array(z.number()),
      padding: paddingMode,
      dataFormat: channelsLast,
    }),
    // Padded places do not count in a mean, which is ONNX' default.
    onnx: ({ poolSize: sizes, strides, padding }, { inputs }, [x], graph) =>
      withChannelsFirst(graph, inputs[0].shape.length, x, (first) =>
        graph.add(operator, [first], windowAttributes(inputs[0], { sizes, strides, padding })),
      ),
  });

const globalPooling = (operator: 'ReduceMax' | 'ReduceMean'): LayerRule =>
  layerRule({
    schema: z.object({ dataFormat: channelsLast }),
    onnx: (_settings, { inputs }, [x], graph) => {
      const axes = inputs[0].shape.slice(1, -1).map((_, i) => i + 1);
      return graph.add(operator, [x], { axes, keepdims: 0 });
    },
  });

const max = pooling('MaxPool');
const average = pooling('AveragePool');
const globalMax = globalPooling('ReduceMax');
const globalAverage = globalPooling('ReduceMean');

/** Poolings. */
export const poolingRules: Readonly<Record<string, LayerRule>> = {
  ...{ MaxPooling1D: max, MaxPooling2D: max, MaxPooling3D: max },
  ...{ AveragePooling1D: average, AveragePooling2D: average, AveragePooling3D: average },
  ...{ GlobalMaxPooling1D: globalMax, GlobalMaxPooling2D: globalMax },
  ...{ GlobalAveragePooling1D: globalAverage, GlobalAveragePooling2D: globalAverage },
};
