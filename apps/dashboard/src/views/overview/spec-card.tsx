import type { RunReport } from '../../api/reply.js';
import { Card, Tooltip } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import { formatDate } from '../../format/times.js';
import './spec-card.css';

/** The run's spec and folder. */
export function SpecCard({ run }: { readonly run: RunReport }) {
  const { spec } = run;
  return (
    <Card title="Run">
      <dl class="spec number">
        <dt>Model</dt>
        <dd>
          {spec.model}, {formatCount(spec.parameterCount)} parameters
        </dd>
        <dt>Data</dt>
        <dd>
          {spec.data}, {formatCount(spec.trainCount)} + {formatCount(spec.testCount)}
        </dd>
        <dt>Batch</dt>
        <dd>
          {spec.batch} in {spec.shardsPerStep} shards of {spec.shardSize}
        </dd>
        <dt>Loss</dt>
        <dd>{spec.loss}</dd>
        <dt>Metrics</dt>
        <dd>{spec.metrics.join(', ')}</dd>
        <dt>Optimizer</dt>
        <dd>
          {spec.optimizer}, {optimizerFigures(spec).join(', ')}
        </dd>
        <dt>Schedule</dt>
        <dd>{[spec.schedule, ...inWords(spec.scheduleSettings)].join(', ')}</dd>
        <dt>Dropout</dt>
        <dd>keep probability {spec.keepProb}</dd>
        {spec.augment !== null && (
          <>
            <dt>Augmentation</dt>
            <dd>{spec.augment}</dd>
          </>
        )}
        <dt>Seed</dt>
        <dd>{spec.seed}</dd>
        <dt>Numerics</dt>
        <dd>
          {spec.numerics}, {spec.device}, {spec.threads} {spec.threads === 1 ? 'thread' : 'threads'}
          , wire {spec.wire}
        </dd>
        <dt>
          <Tooltip text="Hash of a numerics probe: machines with the same hash compute the same bits.">
            Fingerprint
          </Tooltip>
        </dt>
        <dd class="mono">{run.fingerprint.slice(0, 16)}</dd>
        <dt>Spec</dt>
        <dd class="mono">{spec.sha256.slice(0, 16)}</dd>
        <dt>Started</dt>
        <dd>{formatDate(run.createdAt)}</dd>
        <dt>Folder</dt>
        <dd class="mono folder">{run.folder}</dd>
      </dl>
    </Card>
  );
}

/** The learning rate, the optimizer's own settings, and what is done to gradients and weights besides. */
function optimizerFigures(spec: RunReport['spec']): readonly string[] {
  return [
    `learning rate ${spec.learningRate}`,
    ...inWords(spec.optimizerSettings),
    ...(spec.clipNorm === null ? [] : [`clipped to norm ${spec.clipNorm}`]),
    ...(spec.ema === null ? [] : [`moving average ${spec.ema}`]),
  ];
}

/** `{ weightDecay: 0.1 }` → `weight decay 0.1`. */
function inWords(settings: RunReport['spec']['scheduleSettings']): readonly string[] {
  return Object.entries(settings).map(
    ([name, value]) => `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${value}`,
  );
}
