import { Download, Save } from 'lucide';
import { addressOf } from '../../api/fetch-json.js';
import type { CheckpointRow } from '../../api/reply.js';
import { usePolled } from '../../data/polled.js';
import { store } from '../../data/store.js';
import {
  Badge,
  Card,
  CopyCommand,
  EmptyState,
  Icon,
  Skeleton,
  Table,
  type Column,
} from '../../design/index.js';
import { mainMetric } from '../../format/metrics.js';
import { formatBytes, formatCount, UNKNOWN } from '../../format/numbers.js';
import { formatDate, formatMilliseconds } from '../../format/times.js';

const columns: readonly Column[] = [
  { name: 'Step', figure: true },
  { name: 'Saved' },
  { name: 'Test result', figure: true },
  { name: 'Size', figure: true },
  { name: 'Duration', figure: true },
  { name: 'File' },
];

/** The saved states, to resume from or download. */
export function Checkpoints() {
  const polled = usePolled('/api/checkpoints', { everyMs: 30_000, after: ['checkpoint'] });
  const checkpoints = polled.value.value?.checkpoints.toReversed();
  const run = store.run.value;
  return (
    <div class="view">
      <div class="heading">
        <h1>Checkpoints</h1>
      </div>
      <Card title="Resume from here">
        <p class="soft">
          Once the run has stopped, this resumes from the latest valid checkpoint. Steps that are
          already in the ledger are recomputed and must give the same bits.
        </p>
        {run && <CopyCommand text={`lockstep train --resume ${run.runId}`} />}
      </Card>
      {!checkpoints ? (
        <Skeleton height={160} />
      ) : checkpoints.length === 0 ? (
        <EmptyState icon={Save} title="No checkpoint yet">
          One is saved every <code>--checkpoint-every</code> steps, and at the end.
        </EmptyState>
      ) : (
        <Card title="Saved" flush>
          <Table caption="Checkpoints, newest first" columns={columns}>
            {checkpoints.map((row) => (
              <CheckpointCells key={row.version} row={row} />
            ))}
          </Table>
        </Card>
      )}
    </div>
  );
}

function CheckpointCells({ row }: { readonly row: CheckpointRow }) {
  const { version, at, bytes, milliseconds, kept } = row;
  const evaluation = store.evaluations.value.find(({ step }) => step === version);
  return (
    <tr>
      <th scope="row" class="figure">
        {formatCount(version)}
      </th>
      <td class="number">{formatDate(at)}</td>
      <td class="figure">{evaluation ? mainMetric(evaluation).text : UNKNOWN}</td>
      <td class="figure">{formatBytes(bytes)}</td>
      <td class="figure">{formatMilliseconds(milliseconds)}</td>
      <td>
        {kept ? (
          <a
            class="button quiet"
            href={addressOf('/api/checkpoints/{version}/download', { path: { version } })}
            download
          >
            <Icon of={Download} />
            Download<span class="visually-hidden"> the checkpoint of step {version}</span>
          </a>
        ) : (
          <Badge>deleted</Badge>
        )}
      </td>
    </tr>
  );
}
