import { useMemo } from 'preact/hooks';
import type { StepTimeline } from '../../api/reply.js';
import { Card, Table, type Column } from '../../design/index.js';
import { formatBytes, formatCount, formatPercent } from '../../format/numbers.js';
import { formatMilliseconds } from '../../format/times.js';
import { median } from './median.js';
import { phaseColor, phaseWords } from './phase-words.js';

const columns: readonly Column[] = [
  { name: 'Phase' },
  { name: 'This step', figure: true },
  { name: 'Share' },
  { name: 'Median', figure: true },
  { name: 'What happens' },
];

export interface PhaseTableProps {
  readonly shown: StepTimeline;
  /** To compare with. */
  readonly steps: readonly StepTimeline[];
}

/** The step's wall time along the answer that all waited for, beside what is usual. */
export function PhaseTable({ shown, steps }: PhaseTableProps) {
  const usual = useMemo(
    () =>
      new Map(
        phaseWords.map(({ phase }) => [
          phase,
          median(steps.map(({ phases }) => phases[phase] ?? 0)),
        ]),
      ),
    [steps],
  );
  const usualOther = useMemo(() => median(steps.map(({ otherMs }) => otherMs)), [steps]);
  return (
    <Card
      title="Where the time went"
      flush
      aside={
        <span class="number">
          update {formatBytes(shown.updateBytes)} to {formatCount(shown.followers)}
        </span>
      }
    >
      <Table caption="Phases of the step along its critical path" columns={columns}>
        {phaseWords.map(({ phase, meaning }) => (
          <PhaseRow
            key={phase}
            name={phase}
            color={phaseColor(phase)}
            ms={shown.phases[phase] ?? 0}
            wallMs={shown.wallMs}
            usualMs={usual.get(phase) ?? Number.NaN}
            meaning={meaning}
          />
        ))}
        <PhaseRow
          name="other"
          color="var(--ink-faint)"
          ms={shown.otherMs}
          wallMs={shown.wallMs}
          usualMs={usualOther}
          meaning="handing over between threads and processes"
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
  usualMs,
  meaning,
}: {
  readonly name: string;
  readonly color: string;
  readonly ms: number;
  readonly wallMs: number;
  readonly usualMs: number;
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
      <td class="figure soft">{formatMilliseconds(usualMs)}</td>
      <td class="soft">{meaning}</td>
    </tr>
  );
}
