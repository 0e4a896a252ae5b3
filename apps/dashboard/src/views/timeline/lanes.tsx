import type { StepTimeline } from '../../api/reply.js';
import { Badge } from '../../design/index.js';
import { formatMilliseconds } from '../../format/times.js';
import { type Lane, lanesOf, phaseColor, phaseWords } from './step-timelines.js';

const TICKS = 4;

/** A step as a Gantt chart: one row per shard, phases as bars. */
export function Lanes({ timeline }: { readonly timeline: StepTimeline }) {
  const { wallMs } = timeline;
  const lanes = lanesOf(timeline);
  return (
    <div class="lanes">
      <ol>
        {lanes.map((lane) => (
          <LaneRow key={lane.key} lane={lane} wallMs={wallMs} />
        ))}
      </ol>
      <div class="axis number faint" aria-hidden="true">
        {Array.from({ length: TICKS + 1 }, (_, tick) => (
          <span key={tick}>{formatMilliseconds((tick * wallMs) / TICKS)}</span>
        ))}
      </div>
      <ul class="phase-legend" aria-label="Phases">
        {phaseWords.map(({ phase, meaning }) => (
          <li key={phase} title={meaning}>
            <span class="swatch" style={{ background: phaseColor(phase) }} aria-hidden="true" />
            {phase}
          </li>
        ))}
      </ul>
    </div>
  );
}

function LaneRow({ lane, wallMs }: { readonly lane: Lane; readonly wallMs: number }) {
  const { worker, shard, attempt, spans, last, doneAt } = lane;
  const spoken = spans.map(({ phase, from, to }) => `${phase} ${formatMilliseconds(to - from)}`);
  return (
    <li class={last ? 'last' : ''}>
      <span class="name">
        <span class="who">{worker ?? 'coordinator'}</span>
        {shard !== undefined && <span class="faint number">shard {shard}</span>}
        {attempt > 1 && <span class="again number">attempt {attempt}</span>}
        {last && <Badge tone="warn">last</Badge>}
      </span>
      <span class="track" role="img" aria-label={spoken.join(', ')}>
        {spans.map(({ phase, from, to }, index) => (
          <span
            key={index}
            class="span"
            title={`${phase}: ${formatMilliseconds(to - from)}`}
            style={{
              left: `${(100 * from) / wallMs}%`,
              width: `${(100 * (to - from)) / wallMs}%`,
              background: phaseColor(phase),
            }}
          />
        ))}
      </span>
      <span class="done number soft">{formatMilliseconds(doneAt)}</span>
    </li>
  );
}
