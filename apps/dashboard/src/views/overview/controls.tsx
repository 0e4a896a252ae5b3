import { useSignal } from '@preact/signals';
import { CircleStop, Minus, Pause, Play, Plus } from 'lucide';
import { postJson } from '../../api/fetch-json.js';
import type { RunReport } from '../../api/reply.js';
import { hasEnded } from '../../data/run-progress.js';
import { maySteer } from '../../data/session.js';
import { store } from '../../data/store.js';
import { attempt, Button, Confirm } from '../../design/index.js';
import { formatCount } from '../../format/numbers.js';
import './controls.css';

/** What a person may do to a run; nothing for those who may only look. */
export function Controls({ run }: { readonly run: RunReport }) {
  if (!maySteer.value) return <p class="faint">Read only: you are logged in as viewer.</p>;
  if (hasEnded(run)) return null;
  return (
    <div class="controls" role="group" aria-label="Steer the run">
      {run.canScale && <Scale run={run} />}
      {run.state === 'paused' ? (
        <Button icon={Play} kind="primary" onClick={() => void resume()}>
          Resume
        </Button>
      ) : (
        <Button icon={Pause} onClick={() => void pause()}>
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
  const wanted = asked.value ?? run.wantedWorkers ?? joining + ready + quarantined;
  const scale = async (workers: number): Promise<void> => {
    asked.value = workers;
    await attempt('Workers', async () => {
      const answer = await postJson('/api/workers/scale', { workers });
      const tooMany = answer.wanted > answer.useful;
      const useful = tooMany ? `; a step has work for ${formatCount(answer.useful)}` : '';
      return `${formatCount(answer.wanted)} wanted, ${formatCount(answer.ready)} ready${useful}`;
    });
    await store.refresh();
    asked.value = undefined;
  };
  return (
    <div class="scale" role="group" aria-label="Number of workers">
      <Button
        icon={Minus}
        label="One worker less"
        disabled={wanted <= 0}
        onClick={() => void scale(wanted - 1)}
      />
      <output class="number" aria-live="polite">
        {wanted} {wanted === 1 ? 'worker' : 'workers'}
      </output>
      <Button icon={Plus} label="One worker more" onClick={() => void scale(wanted + 1)} />
    </div>
  );
}

function Stop({ run }: { readonly run: RunReport }) {
  const asking = useSignal(false);
  return (
    <>
      <Button icon={CircleStop} disabled={run.stopping} onClick={() => (asking.value = true)}>
        {run.stopping ? 'Stopping…' : 'Stop'}
      </Button>
      {asking.value && (
        <Confirm
          title="Stop this run?"
          action="Stop run"
          onConfirm={() => attempt('Stopped', async () => (await postJson('/api/run/stop')).reason)}
          onClose={() => (asking.value = false)}
        >
          <p>
            It is saved at step {formatCount(run.step)} of {formatCount(run.steps)}, the workers
            leave and the coordinator ends. Go on later with
          </p>
          <p class="command mono">lockstep train --resume {run.runId}</p>
        </Confirm>
      )}
    </>
  );
}
