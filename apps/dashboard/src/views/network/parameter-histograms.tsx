import type { ParameterRow } from '../../api/reply.js';
import { usePolled } from '../../data/polled.js';
import { Card, Skeleton, Tooltip } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { HistogramChart } from './histogram-chart.js';
import './parameter-histograms.css';

/** Histograms of every parameter and its last gradient. */
export function ParameterHistograms() {
  const { value, error } = usePolled('/api/model/histograms', { everyMs: 5_000 });
  const report = value.value;
  return (
    <Card
      title="Weights and gradients"
      aside={report && <span class="faint number">step {formatCount(report.version)}</span>}
    >
      <p class="soft">
        Distribution of values. A spike at 0 in a gradient suggests vanishing gradients; an
        unbounded spread, exploding ones.
      </p>
      {report ? (
        <ul class="parameter-histograms">
          {report.parameters.map((parameter) => (
            <Parameter key={parameter.name} parameter={parameter} />
          ))}
        </ul>
      ) : (
        (error.value && <p class="soft">{error.value.message}</p>) || <Skeleton height={240} />
      )}
    </Card>
  );
}

function Parameter({ parameter }: { readonly parameter: ParameterRow }) {
  const { name, size, sampled, weights, gradient } = parameter;
  return (
    <li>
      <h3 class="mono">{name}</h3>
      <p class="faint number">
        {sampled < size ? (
          <Tooltip text="An evenly spaced sample, so that the histogram does not slow down training.">
            {formatCount(sampled)} of {formatCount(size)} values
          </Tooltip>
        ) : (
          `${formatCount(size)} values`
        )}
      </p>
      <HistogramChart title="Weights" histogram={weights} tone="weights" />
      {gradient ? (
        <HistogramChart title="Last gradient" histogram={gradient} tone="gradient" />
      ) : (
        <p class="faint none">no gradient yet</p>
      )}
    </li>
  );
}
