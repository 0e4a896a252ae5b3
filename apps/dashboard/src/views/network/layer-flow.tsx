import type { LayerRow, ModelReport } from '../../api/reply.js';
import { formatCount, formatPercent } from '../../format/numbers.js';
import './layer-flow.css';

const kinds: Readonly<Record<string, string>> = {
  conv2d: 'Convolution',
  relu: 'ReLU',
  maxPool2d: 'Max-pooling',
  flatten: 'Flatten',
  dense: 'Fully connected',
  dropout: 'Dropout',
};

/** The layers in the order of computation, with their output shapes. */
export function LayerFlow({ model }: { readonly model: ModelReport }) {
  return (
    <ol class="layer-flow">
      <li class="end">
        <span class="shape number">{model.imageShape.join(' × ')}</span>
        <span class="soft">{model.imageShape.length === 3 ? 'input image' : 'input'}</span>
      </li>
      {model.layers.map((layer) => (
        <Step key={layer.name} layer={layer} model={model} />
      ))}
      <li class="end">
        <span class="soft">{answerOf(model)}</span>
      </li>
    </ol>
  );
}

/** What is made of the last layer's output. */
function answerOf({ classCount, layers }: ModelReport): string {
  if (classCount === 0) return 'the predicted values';
  const [outputs] = layers.at(-1)?.outputShape ?? [];
  return outputs === 1
    ? 'sigmoid: the probability of class 1'
    : `softmax: a probability for each of ${classCount} classes`;
}

function Step({ layer, model }: { readonly layer: LayerRow; readonly model: ModelReport }) {
  const { receptiveField, parameters } = layer;
  const share = layer.parameterCount / model.parameterCount;
  return (
    <li class={`step ${layer.parameterCount > 0 ? 'trainable' : ''}`}>
      <div class="layer">
        <p class="title">
          <strong>{kinds[layer.kind] ?? layer.kind}</strong>{' '}
          <span class="faint mono">{layer.name}</span>
        </p>
        <p class="soft number">
          {layer.parameterCount === 0
            ? 'no trainable parameters'
            : `${parameters.map(({ shape }) => shape.join(' × ')).join(' + ')} = ${formatCount(layer.parameterCount)}`}
        </p>
        {layer.parameterCount > 0 && (
          <div class="share" title={`${formatPercent(share, 1)} of all parameters`}>
            <span style={{ width: `${Math.max(1, 100 * share)}%` }} />
          </div>
        )}
      </div>
      <p class="out">
        <span class="shape number">{layer.outputShape.join(' × ')}</span>
        {receptiveField && (
          <span class="faint number">
            {' '}
            receptive field {receptiveField.rows.size} × {receptiveField.columns.size}
          </span>
        )}
      </p>
    </li>
  );
}
