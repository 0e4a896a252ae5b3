import type { ParameterRow } from '../../api/network.js';
import { usePolled } from '../../data/polled.js';
import { Card, Skeleton, Tooltip } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { HistogramChart } from './histogram-chart.js';
import './parameter-histograms.css';

/** How the values of every parameter spread, and those of its last gradient. */
export function ParameterHistograms() {
  const { value, error } = usePolled('/api/model/histograms', { everyMs: 5_000 });
  const report = value.value;
  return (
    <Card
      title="Weights and gradients"
      aside={report && <span class="faint number">step {formatCount(report.version)}</span>}
    >
      <p class="soft">
        How many values a parameter has of which size. A healthy one is a hill that widens slowly; a
        gradient that is a needle at 0 no longer teaches, one that grows without end has run away.
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
          <Tooltip text="Values spread evenly over all of them: so that looking costs the training nothing.">
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
