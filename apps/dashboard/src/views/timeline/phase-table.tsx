import { useMemo } from 'preact/hooks';
import type { StepTimeline } from '../../api/reply.js';
import { Card, Table, type Column } from '../../design/index.js';
import { formatBytes, formatCount, formatPercent } from '../../format/numbers.js';
import { formatMilliseconds } from '../../format/times.js';
import { median, phaseColor, phaseWords } from './step-timelines.js';

const columns: readonly Column[] = [
  { name: 'Phase' },
  { name: 'This step', figure: true },
  { name: 'Share' },
  { name: 'Median', figure: true },
  { name: 'Meaning' },
];

interface PhaseTableProps {
  readonly shown: StepTimeline;
  /** The steps that medians are computed from. */
  readonly steps: readonly StepTimeline[];
}

/** The step's wall time by phase on its critical path, compared with the median. */
export function PhaseTable({ shown, steps }: PhaseTableProps) {
  const medians = useMemo(
    () =>
      new Map(
        phaseWords.map(({ phase }) => [
          phase,
          median(steps.map(({ phases }) => phases[phase] ?? 0)),
        ]),
      ),
    [steps],
  );
  const medianOther = useMemo(() => median(steps.map(({ otherMs }) => otherMs)), [steps]);
  return (
    <Card
      title="Time by phase"
      flush
      aside={
        <span class="number">
          update of {formatBytes(shown.updateBytes)} to {formatCount(shown.followers)} workers
        </span>
      }
    >
      <Table caption="Phases of the step on its critical path" columns={columns}>
        {phaseWords.map(({ phase, meaning }) => (
          <PhaseRow
            key={phase}
            name={phase}
            color={phaseColor(phase)}
            ms={shown.phases[phase] ?? 0}
            wallMs={shown.wallMs}
            medianMs={medians.get(phase) ?? Number.NaN}
            meaning={meaning}
          />
        ))}
        <PhaseRow
          name="other"
          color="var(--ink-faint)"
          ms={shown.otherMs}
          wallMs={shown.wallMs}
          medianMs={medianOther}
          meaning="transfers between threads and processes"
        />
      </Table>
    </Card>
  );
}

function PhaseRow({
  name,
  color,
  ms,
  wallMs,
  medianMs,
  meaning,
}: {
  readonly name: string;
  readonly color: string;
  readonly ms: number;
  readonly wallMs: number;
  readonly medianMs: number;
  readonly meaning: string;
}) {
  const share = wallMs > 0 ? Math.max(0, ms / wallMs) : 0;
  return (
    <tr>
      <th scope="row">
        <span class="swatch" style={{ background: color }} aria-hidden="true" /> {name}
      </th>
      <td class="figure">{formatMilliseconds(ms)}</td>
      <td class="share">
        <span class="bar" aria-hidden="true">
          <span style={{ scale: `${share} 1`, background: color }} />
        </span>
        <span class="number">{formatPercent(share, 1)}</span>
      </td>
      <td class="figure soft">{formatMilliseconds(medianMs)}</td>
      <td class="soft">{meaning}</td>
    </tr>
  );
}
