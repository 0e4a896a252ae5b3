import { useSignal } from '@preact/signals';
import { CircleStop, Minus, Pause, Play, Plus } from 'lucide';
import { postJson } from '../../api/fetch-json.js';
import type { RunReport } from '../../api/reply.js';
import { hasEnded } from '../../data/run-progress.js';
import { steeringRefusal } from '../../app/steering.js';
import { maySteer } from '../../data/session.js';
import { store } from '../../data/store.js';
import { attempt, Button, Confirm } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import './controls.css';

/** What can be done to a run; disabled, with the reason, where it cannot be done now. */
export function Controls({ run }: { readonly run: RunReport }) {
  if (hasEnded(run)) return null;
  if (!maySteer.value) return <p class="faint">Read only: you are logged in as viewer.</p>;
  const refusal = steeringRefusal.value;
  return (
    <div class="controls" role="group" aria-label="Steer the run" title={refusal}>
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
  await attempt('Paused', async () => (await postJson('/api/run/pause')).reason);
  await store.refresh();
}

async function resume(): Promise<void> {
  await attempt('Resumed', async () => (await postJson('/api/run/resume')).reason);
  await store.refresh();
}

/** Workers are counted by what was asked for, which those that are there follow. */
function Scale({ run }: { readonly run: RunReport }) {
  /** Shown at once, until the coordinator has answered. */
  const asked = useSignal<number | undefined>(undefined);
  const { joining, ready, quarantined } = run.workers;
  const refused = steeringRefusal.value !== undefined || run.stopping;
  const wanted = asked.value ?? run.wantedWorkers ?? joining + ready + quarantined;
  const scale = async (workers: number): Promise<void> => {
    asked.value = workers;
    await attempt('Workers', async () => {
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
        label="One worker less"
        disabled={refused || wanted <= 0}
        onClick={() => void scale(wanted - 1)}
      />
      <output class="number" aria-live="polite">
        {wanted} {wanted === 1 ? 'worker' : 'workers'}
      </output>
      <Button
        icon={Plus}
        label="One worker more"
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
        disabled={run.stopping || steeringRefusal.value !== undefined}
        onClick={() => (asking.value = true)}
      >
        {run.stopping ? 'Stopping…' : 'Stop'}
      </Button>
      {asking.value && (
        <Confirm
          title="Stop this run?"
          action="Stop run"
          refusal={steeringRefusal.value}
          onConfirm={() => attempt('Stopped', async () => (await postJson('/api/run/stop')).reason)}
          onClose={() => (asking.value = false)}
        >
          <p>
            The run is saved at the last step that is complete, now {formatCount(run.step)} of{' '}
            {formatCount(run.steps)}, and its workers leave.{' '}
            {run.stays
              ? 'The coordinator keeps serving this page.'
              : 'The coordinator ends, and this page shows the final state.'}
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
