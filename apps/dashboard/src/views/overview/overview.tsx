import { store } from '../../data/store.js';
import { Skeleton } from '../../design/index.js';
import { ActivityCard } from './activity-card.js';
import { Controls } from './controls.js';
import { Figures } from './figures.js';
import { OverviewCharts } from './overview-charts.js';
import './overview.css';
import { RunState } from './run-state.js';
import { SpecCard } from './spec-card.js';
import { WorkersCard } from './workers-card.js';

/** Summary of the run, with its controls. */
export function Overview() {
  const run = store.run.value;
  return (
    <div class="view overview">
      <div class="heading">
        <h1>Overview</h1>
        {run && <Controls run={run} />}
      </div>
      {run ? (
        <>
          <RunState run={run} />
          <Figures run={run} />
          <OverviewCharts spec={run.spec} />
          <div class="cards">
            <WorkersCard />
            <ActivityCard />
            <SpecCard run={run} />
          </div>
        </>
      ) : (
        <>
          <Skeleton height={110} />
          <Skeleton height={140} />
          <Skeleton height={270} />
        </>
      )}
    </div>
  );
}
