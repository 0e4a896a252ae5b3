import { Network as NetworkIcon } from 'lucide';
import type { ModelReport } from '../../api/network.js';
import { usePolled } from '../../data/polled.js';
import { Card, EmptyState, Skeleton, Stat } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { FilterPictures } from './filter-pictures.js';
import { LayerFlow } from './layer-flow.js';
import './network.css';
import { ParameterHistograms } from './parameter-histograms.js';

/** What the network is made of, and what it has learned so far. */
export function Network() {
  const model = usePolled('/api/model', { everyMs: 60_000 });
  const { value } = model.value;
  if (value) return <OfModel model={value} />;
  return (
    <div class="view">
      {model.error.value ? (
        <EmptyState icon={NetworkIcon} title="There is no network to show">
          {model.error.value.message}
        </EmptyState>
      ) : (
        <Skeleton height={420} />
      )}
    </div>
  );
}

function OfModel({ model }: { readonly model: ModelReport }) {
  const [height, width, channels] = model.imageShape;
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
          note="numbers that training changes"
        />
        <Stat
          label="Layers"
          value={model.layers.length}
          note={`${model.layers.filter(({ parameterCount }) => parameterCount > 0).length} of them learn`}
        />
        <Stat
          label="Input"
          value={`${height} × ${width}`}
          note={channels === 1 ? 'pixels, grey' : `pixels, ${channels} channels`}
        />
        <Stat label="Output" value={model.classCount} unit="classes" />
      </dl>
      <div class="parts">
        <Card title="Layers, from the picture to the answer">
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
