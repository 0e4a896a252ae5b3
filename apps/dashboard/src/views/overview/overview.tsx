import { store } from '../../data/store.js';
import { secondsLeft } from '../../data/run-progress.js';
import { Skeleton, Stat } from '../../design/index.js';
import { formatCount, formatPercent } from '../../format/numbers.js';
import { formatDuration } from '../../format/times.js';

/** The run at a glance. */
export function Overview() {
  const run = store.run.value;
  if (!run) return <Skeleton height={300} />;
  return (
    <div class="view">
      <div class="heading">
        <h1>Overview</h1>
      </div>
      <dl class="stats">
        <Stat label="Step" value={formatCount(run.step)} note={`of ${formatCount(run.steps)}`} />
        <Stat label="Time left" value={formatDuration(secondsLeft(run))} />
        <Stat label="Throughput" value={formatCount(run.samplesPerSecond)} unit="samples/s" />
        <Stat label="Test accuracy" value={formatPercent(run.lastEvaluation?.testAccuracy)} />
      </dl>
    </div>
  );
}
