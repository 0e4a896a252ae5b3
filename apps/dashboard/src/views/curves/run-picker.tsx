import { Layers } from 'lucide';
import { useId } from 'preact/hooks';
import { choose } from '../../app/router.js';
import { usePolled } from '../../data/polled.js';
import { Icon, Skeleton } from '../../design/index.js';
import { mainMetric } from '../../format/metrics.js';
import { formatCount } from '../../format/numbers.js';
import { formatDate } from '../../format/times.js';

/** Limited by the number of distinct colours. */
const MOST_RUNS = 7;

/** Chooses other runs of the folder to compare with. */
export function RunPicker({ chosen }: { readonly chosen: readonly string[] }) {
  const id = useId();
  return (
    <div class="run-picker">
      <button type="button" class="button plain" popovertarget={id}>
        <Icon of={Layers} />
        Compare{chosen.length > 0 ? ` (${chosen.length})` : ''}
      </button>
      <div id={id} popover="auto" class="popover">
        <Choices chosen={chosen} />
      </div>
    </div>
  );
}

function Choices({ chosen }: { readonly chosen: readonly string[] }) {
  const polled = usePolled('/api/runs', { everyMs: 30_000 });
  const others = polled.value.value?.runs.filter(({ led }) => !led);
  if (!others) return <Skeleton height={80} />;
  if (others.length === 0) {
    return <p class="soft">There are no other runs in this folder.</p>;
  }
  const toggle = (id: string, on: boolean): void => {
    const next = on ? [...chosen, id] : chosen.filter((each) => each !== id);
    choose('runs', next.length === 0 ? undefined : next.join());
  };
  return (
    <fieldset>
      <legend>Compare with</legend>
      {others.map(({ id, state, step, bestEvaluation, createdAt, spec }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            disabled={!chosen.includes(id) && chosen.length >= MOST_RUNS}
            onChange={({ currentTarget: { checked } }) => toggle(id, checked)}
          />
          <span>
            <span class="mono">{id}</span>
            <span class="faint number">
              {formatDate(createdAt)} · {state}, step {formatCount(step)}
              {bestEvaluation && <> · {mainMetric(bestEvaluation).text}</>} · {spec.data}, lr{' '}
              {spec.learningRate}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
