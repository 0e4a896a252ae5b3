import { ClipboardCheck } from 'lucide';
import { useRef } from 'preact/hooks';
import type { EvaluationReport } from '../../api/reply.js';
import { choose, paramSignal } from '../../app/router.js';
import { store } from '../../data/store.js';
import { usePolled } from '../../data/polled.js';
import { Card, EmptyState, Skeleton, Stat } from '../../design/index.js';
import { formatMetric } from '../../format/metrics.js';
import { formatCount, formatFigure, formatPercent } from '../../format/numbers.js';
import { ClassAccuracy } from './class-accuracy.js';
import { ConfusionMatrix, type Cell } from './confusion-matrix.js';
import './evaluation.css';
import { MistakeGallery } from './mistake-gallery.js';

const versionParam = paramSignal('version');
const cellParam = paramSignal('cell');

/** The results of an evaluation on the test set. */
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
  // Keep showing the last report while another one is loaded.
  const shown = useRef<EvaluationReport | undefined>(undefined);
  const last = (shown.current = value.value ?? shown.current);
  if (last && last.version !== null) return <OfVersion report={last} cell={cell} />;
  return (
    <div class="view">
      <div class="heading">
        <h1>Evaluation</h1>
      </div>
      {last || error.value ? (
        <EmptyState icon={ClipboardCheck} title="No evaluation yet">
          {error.value?.message ??
            'The results appear here after the first evaluation on the test set.'}
        </EmptyState>
      ) : (
        <Skeleton height={420} />
      )}
    </div>
  );
}

interface OfVersionProps {
  readonly report: EvaluationReport;
  readonly cell: Cell | undefined;
}

function OfVersion({ report, cell }: OfVersionProps) {
  const { classes, mistakeCount } = report;
  const count = classes.reduce((sum, each) => sum + each.count, 0);
  const traits = store.run.value?.spec.metricTraits;
  return (
    <div class="view evaluation">
      <div class="heading">
        <h1>Evaluation</h1>
        <div class="tools">
          <VersionChoice report={report} />
        </div>
      </div>
      <dl class="stats">
        {Object.entries(report.metrics).map(([name, value]) => (
          <Stat
            key={name}
            label={`Test ${name}`}
            value={formatMetric(value, traits?.[name]?.format)}
            note={`at step ${formatCount(report.version)}`}
          />
        ))}
        <Stat label="Test loss" value={formatFigure(report.testLoss)} note="mean per sample" />
        {classes.length > 0 && (
          <>
            <Stat
              label="Errors"
              value={formatCount(mistakeCount)}
              note={`of ${formatCount(count)} test samples`}
            />
            <Stat label="Least accurate class" {...hardest(report)} />
          </>
        )}
      </dl>
      {classes.length > 0 && <Classified report={report} cell={cell} />}
    </div>
  );
}

/** How the test samples were classified; of a classification only. */
function Classified({ report, cell }: OfVersionProps) {
  const { confusion, classes, mistakes, mistakeCount } = report;
  const isOfPictures = store.run.value?.spec.inputShape.length === 3;
  return (
    <>
      <div class="columns">
        {confusion.length > 0 && (
          <Card title="Confusion matrix">
            <ConfusionMatrix
              confusion={confusion}
              chosen={cell}
              onChoose={(next) => choose('cell', next && `${next.label}-${next.predicted}`)}
            />
          </Card>
        )}
        <Card title="Accuracy per class">
          <ClassAccuracy classes={classes} />
        </Card>
      </div>
      {isOfPictures && (
        <MistakeGallery
          mistakes={mistakes}
          cell={cell}
          total={cell ? (confusion[cell.label]?.[cell.predicted] ?? 0) : mistakeCount}
          version={report.version ?? 0}
          onShowAll={() => choose('cell', undefined)}
        />
      )}
    </>
  );
}

function VersionChoice({ report }: { readonly report: EvaluationReport }) {
  const newest = report.versions.at(-1);
  return (
    <label class="version-choice">
      Weights from
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
  return { value: String(worst.label), note: `${formatPercent(worst.accuracy)}  correct` };
}

/** Parses `4-9`: fours predicted as nines. */
function readCell(text: string | undefined): Cell | undefined {
  const [, label, predicted] = /^(\d+)-(\d+)$/.exec(text ?? '') ?? [];
  return label === undefined || predicted === undefined
    ? undefined
    : { label: Number(label), predicted: Number(predicted) };
}
