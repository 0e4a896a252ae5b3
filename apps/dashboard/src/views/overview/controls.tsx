import { useSignal } from '@preact/signals';
import { CircleStop, Minus, Pause, Play, Plus } from 'lucide';
import { postJson } from '../../api/fetch-json.js';
import type { RunReport } from '../../api/reply.js';
import { hasEnded } from '../../data/run-progress.js';
import { controlRefusal, store } from '../../data/store.js';
import { mayControl } from '../../data/session.js';
import { runAction, Button, Confirm } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import './controls.css';

/** Controls of a run; disabled, with the reason, while they cannot be used. */
export function Controls({ run }: { readonly run: RunReport }) {
  if (hasEnded(run)) return null;
  if (!mayControl.value) return <p class="faint">Read only: you are logged in as viewer.</p>;
  const refusal = controlRefusal.value;
  return (
    <div class="controls" role="group" aria-label="Control the run" title={refusal}>
      {refusal !== undefined && <p class="faint">{refusal}</p>}
      {run.canScale && <Scale run={run} />}
      {run.state === 'paused' ? (
        <Button
          icon={Play}
          kind="primary"
          disabled={refusal !== undefined || run.stopping}
          onClick={() => void resume()}
        >
          Resume
        </Button>
      ) : (
        <Button
          icon={Pause}
          disabled={refusal !== undefined || run.stopping}
          onClick={() => void pause()}
        >
          Pause
        </Button>
      )}
      <Stop run={run} />
    </div>
  );
}

async function pause(): Promise<void> {
  await runAction('Paused', async () => (await postJson('/api/run/pause')).reason);
  await store.refresh();
}

async function resume(): Promise<void> {
  await runAction('Resumed', async () => (await postJson('/api/run/resume')).reason);
  await store.refresh();
}

/** Shows the requested number of workers; the actual number follows it. */
function Scale({ run }: { readonly run: RunReport }) {
  /** Shown at once, until the coordinator has responded. */
  const asked = useSignal<number | undefined>(undefined);
  const { joining, ready, quarantined } = run.workers;
  const refused = controlRefusal.value !== undefined || run.stopping;
  const wanted = asked.value ?? run.wantedWorkers ?? joining + ready + quarantined;
  const scale = async (workers: number): Promise<void> => {
    asked.value = workers;
    await runAction('Workers', async () => {
      const answer = await postJson('/api/workers/scale', { workers });
      const tooMany = answer.wanted > answer.useful;
      const useful = tooMany ? `; up to ${formatCount(answer.useful)} are useful` : '';
      return `${formatCount(answer.wanted)} requested, ${formatCount(answer.ready)} ready${useful}`;
    });
    await store.refresh();
    asked.value = undefined;
  };
  return (
    <div class="scale" role="group" aria-label="Number of workers">
      <Button
        icon={Minus}
        label="Remove a worker"
        disabled={refused || wanted <= 0}
        onClick={() => void scale(wanted - 1)}
      />
      <output class="number" aria-live="polite">
        {wanted} {wanted === 1 ? 'worker' : 'workers'}
      </output>
      <Button
        icon={Plus}
        label="Add a worker"
        disabled={refused}
        onClick={() => void scale(wanted + 1)}
      />
    </div>
  );
}

function Stop({ run }: { readonly run: RunReport }) {
  const asking = useSignal(false);
  return (
    <>
      <Button
        icon={CircleStop}
        disabled={run.stopping || controlRefusal.value !== undefined}
        onClick={() => (asking.value = true)}
      >
        {run.stopping ? 'Stopping…' : 'Stop'}
      </Button>
      {asking.value && (
        <Confirm
          title="Stop this run?"
          action="Stop run"
          refusal={controlRefusal.value}
          onConfirm={() =>
            runAction('Stopped', async () => (await postJson('/api/run/stop')).reason)
          }
          onClose={() => (asking.value = false)}
        >
          <p>
            The run is saved at the last complete step, now {formatCount(run.step)} of{' '}
            {formatCount(run.steps)}, and its workers leave.{' '}
            {run.stays
              ? 'The coordinator keeps serving this page.'
              : 'The coordinator exits, and this page shows the final state.'}
          </p>
          <p>Training can be resumed from there{run.scaler?.kind === 'local' ? ' with' : '.'}</p>
          {run.scaler?.kind === 'local' && (
            <p class="command mono">lockstep train --resume {run.runId}</p>
          )}
        </Confirm>
      )}
    </>
  );
}
