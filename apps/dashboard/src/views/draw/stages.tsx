import { useState } from 'preact/hooks';
import type { ModelReport } from '../../api/reply.js';
import { usePolled } from '../../data/polled.js';
import type { Unit } from './atlas.js';
import type { PredictionResult } from './predictor.js';
import { Stage, type StageProps } from './stage.js';

interface StagesProps {
  readonly model: ModelReport;
  readonly result: PredictionResult | undefined;
  readonly picture: StageProps['picture'];
}

/** Every layer with activations, from input to scores. */
export function Stages({ model, result, picture }: StagesProps) {
  const filters = usePolled('/api/model/filters', { everyMs: 10_000 }).value.value?.filters;
  const [pointed, setPointed] = useState<{ layer: string; unit: Unit } | undefined>(undefined);
  if (!result) {
    return (
      <p class="soft">Draw a picture or choose a test image to see each layer’s activations.</p>
    );
  }
  return (
    <>
      {model.layers.map((layer, index) => {
        const activation = result.activations.get(layer.name);
        if (!activation) return null;
        const own =
          filters?.kind === 'conv2d' && filters.layer === layer.name ? filters : undefined;
        return (
          <Stage
            key={layer.name}
            layer={layer}
            again={model.layers
              .slice(0, index)
              .some(({ explanation }) => explanation === layer.explanation)}
            inputShape={model.layers[index - 1]?.outputShape ?? model.imageShape}
            activation={activation}
            before={result.activations.get(model.layers[index - 1]?.name ?? '')}
            dropping={result.input.dropout}
            picture={picture}
            filters={own}
            pointed={pointed?.layer === layer.name ? pointed.unit : undefined}
            onPoint={(unit) => setPointed(unit && { layer: layer.name, unit })}
          />
        );
      })}
    </>
  );
}
