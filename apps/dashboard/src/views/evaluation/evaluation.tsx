import { ClipboardCheck } from 'lucide';
import { useRef } from 'preact/hooks';
import type { EvaluationReport } from '../../api/network.js';
import { choose, paramSignal } from '../../app/router.js';
import { usePolled } from '../../data/polled.js';
import { Card, EmptyState, Skeleton, Stat } from '../../design/index.js';
import { formatCount, formatFigure, formatPercent } from '../../format/numbers.js';
import { ClassAccuracy } from './class-accuracy.js';
import { ConfusionMatrix, type Cell } from './confusion-matrix.js';
import './evaluation.css';
import { MistakeGallery } from './mistake-gallery.js';

const versionParam = paramSignal('version');
const cellParam = paramSignal('cell');

/** What the network takes the test images for. */
export function Evaluation() {
  const cell = readCell(cellParam.value);
  const { value, error } = usePolled('/api/evaluation', {
    everyMs: 30_000,
    after: ['evaluation'],
    query: {
      mistakes: 60,
      ...(versionParam.value === undefined ? {} : { version: versionParam.value }),
      ...cell,
    },
  });
  // While another choice is fetched, what was shown stays.
  const shown = useRef<EvaluationReport | undefined>(undefined);
  const last = (shown.current = value.value ?? shown.current);
  if (last && last.version !== null) return <OfVersion report={last} cell={cell} />;
  return (
    <div class="view">
      <div class="heading">
        <h1>Evaluation</h1>
      </div>
      {last || error.value ? (
        <EmptyState icon={ClipboardCheck} title="Nothing has been evaluated yet">
          {error.value?.message ??
            'The test images are shown to the network every so many steps; the next time, this page fills.'}
        </EmptyState>
      ) : (
        <Skeleton height={420} />
      )}
    </div>
  );
}

function OfVersion({
  report,
  cell,
}: {
  readonly report: EvaluationReport;
  readonly cell: Cell | undefined;
}) {
  const { confusion, classes, mistakes, mistakeCount } = report;
  const count = classes.reduce((sum, each) => sum + each.count, 0);
  return (
    <div class="view evaluation">
      <div class="heading">
        <h1>Evaluation</h1>
        <div class="tools">
          <VersionChoice report={report} />
        </div>
      </div>
      <dl class="stats">
        <Stat
          label="Test accuracy"
          value={formatPercent(report.testAccuracy)}
          note={`at step ${formatCount(report.version)}`}
        />
        <Stat
          label="Mistakes"
          value={formatCount(mistakeCount)}
          note={`of ${formatCount(count)} test images`}
        />
        <Stat label="Test loss" value={formatFigure(report.testLoss)} note="mean, in nats" />
        <Stat label="Hardest class" {...hardest(report)} />
      </dl>
      <div class="columns">
        <Card title="Confusion matrix">
          <ConfusionMatrix
            confusion={confusion}
            chosen={cell}
            onChoose={(next) => choose('cell', next && `${next.label}-${next.predicted}`)}
          />
        </Card>
        <Card title="Accuracy by class">
          <ClassAccuracy classes={classes} />
        </Card>
      </div>
      <MistakeGallery
        mistakes={mistakes}
        cell={cell}
        total={cell ? (confusion[cell.label]?.[cell.predicted] ?? 0) : mistakeCount}
        version={report.version ?? 0}
        onShowAll={() => choose('cell', undefined)}
      />
    </div>
  );
}

function VersionChoice({ report }: { readonly report: EvaluationReport }) {
  const newest = report.versions.at(-1);
  return (
    <label class="version-choice">
      Weights of
      <select
        value={String(report.version)}
        onChange={({ currentTarget: { value } }) =>
          choose('version', value === String(newest) ? undefined : value)
        }
      >
        {report.versions.toReversed().map((version) => (
          <option key={version} value={String(version)}>
            step {formatCount(version)}
            {version === newest ? ' (newest)' : ''}
          </option>
        ))}
      </select>
    </label>
  );
}

function hardest({ classes }: EvaluationReport): { value: string; note: string } {
  const [worst] = classes.filter(({ count }) => count > 0).sort((a, b) => a.accuracy - b.accuracy);
  if (!worst) return { value: '–', note: '' };
  return { value: String(worst.label), note: `${formatPercent(worst.accuracy)} right` };
}

/** `4-9`: fours taken for nines. */
function readCell(text: string | undefined): Cell | undefined {
  const [, label, predicted] = /^(\d+)-(\d+)$/.exec(text ?? '') ?? [];
  return label === undefined || predicted === undefined
    ? undefined
    : { label: Number(label), predicted: Number(predicted) };
}
