import { Network as NetworkIcon } from 'lucide';
import type { ModelReport } from '../../api/reply.js';
import { usePolled } from '../../data/polled.js';
import { Card, EmptyState, Skeleton, Stat } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { FilterPictures } from './filter-pictures.js';
import { LayerFlow } from './layer-flow.js';
import './network.css';
import { ParameterHistograms } from './parameter-histograms.js';

/** The network's layers, filters and distributions of values. */
export function Network() {
  const model = usePolled('/api/model', { everyMs: 60_000 });
  const { value } = model.value;
  if (value) return <OfModel model={value} />;
  return (
    <div class="view">
      {model.error.value ? (
        <EmptyState icon={NetworkIcon} title="No network available">
          {model.error.value.message}
        </EmptyState>
      ) : (
        <Skeleton height={420} />
      )}
    </div>
  );
}

function OfModel({ model }: { readonly model: ModelReport }) {
  return (
    <div class="view network">
      <div class="heading">
        <h1>Network</h1>
      </div>
      <dl class="stats">
        <Stat label="Model" value={model.name} />
        <Stat
          label="Parameters"
          value={formatCount(model.parameterCount)}
          note="trainable values"
        />
        <Stat
          label="Layers"
          value={model.layers.length}
          note={`${model.layers.filter(({ parameterCount }) => parameterCount > 0).length} with parameters`}
        />
        <Stat label="Input" {...describeInput(model)} />
        <Stat label="Output" {...describeOutput(model)} />
      </dl>
      <div class="parts">
        <Card title="Layers, from input to output">
          <LayerFlow model={model} />
        </Card>
        <div class="learned">
          <FilterPictures />
          <ParameterHistograms />
        </div>
      </div>
    </div>
  );
}

function describeOutput({ classCount, layers }: ModelReport): { value: number; unit: string } {
  if (classCount > 0) return { value: classCount, unit: 'classes' };
  const [value = 0] = layers.at(-1)?.outputShape ?? [];
  return { value, unit: value === 1 ? 'value' : 'values' };
}

/** The shape of one sample: a picture's size, or the dimensions of other data. */
function describeInput({ imageShape }: ModelReport): { value: string; note: string } {
  const [height, width, channels] = imageShape;
  if (channels === undefined) return { value: imageShape.join(' × '), note: 'values per sample' };
  const colours = channels === 1 ? 'grey' : `${channels} channels`;
  return { value: `${height} × ${width}`, note: `pixels, ${colours}` };
}
