import { useState } from 'preact/hooks';
import type { ModelReport } from '../../api/network.js';
import { usePolled } from '../../data/polled.js';
import type { Unit } from './atlas.js';
import type { Seen } from './observer.js';
import { Stage, type StageProps } from './stage.js';

export interface StagesProps {
  readonly model: ModelReport;
  readonly seen: Seen | undefined;
  readonly picture: StageProps['picture'];
}

/** Every layer that changes something, from the picture to the scores. */
export function Stages({ model, seen, picture }: StagesProps) {
  const filters = usePolled('/api/model/filters', { everyMs: 10_000 }).value.value?.filters;
  const [pointed, setPointed] = useState<{ layer: string; unit: Unit } | undefined>(undefined);
  if (!seen) {
    return (
      <p class="soft">
        Draw something, or choose a test image: each layer shows here what it makes of it.
      </p>
    );
  }
  return (
    <>
      {model.layers.map((layer, index) => {
        const activation = seen.activations.get(layer.name);
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
            before={seen.activations.get(model.layers[index - 1]?.name ?? '')}
            dropping={seen.question.dropout}
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
