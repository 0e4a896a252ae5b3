import { controlReply, LockstepError, type ControlRequest } from '@lockstep/core';
import { expect, it } from 'vitest';
import { Control } from './control.js';
import { resultOf, withoutResult } from './run-result.js';

/** A training process that refuses to scale, and the requests that it received. */
function training(): { control: Control; asked: ControlRequest[] } {
  const asked: ControlRequest[] = [];
  const control: Control = new Control((request) => {
    asked.push(request);
    if (request.action === 'stop') return control.end();
    const refused = new LockstepError('cannot-scale', 'no scaler', { remedy: 'start workers' });
    const answer = controlReply(request.id, request.action === 'scale' ? refused : undefined);
    // As a channel carries it.
    control.receive(JSON.parse(JSON.stringify(answer)));
    return undefined;
  });
  return { control, asked };
}

it('asks the training process, and resolves when it has answered', async () => {
  const { control, asked } = training();
  await control.ask({ action: 'pause' });
  expect(asked).toMatchObject([{ lockstep: 'control', action: 'pause' }]);
});

it('throws what the coordinator refuses with', async () => {
  const { control } = training();
  await expect(control.ask({ action: 'scale', workers: 3 })).rejects.toMatchObject({
    ...{ code: 'cannot-scale', message: 'no scaler', remedy: 'start workers' },
  });
});

it('throws that the run has ended, to what is unanswered and to what follows', async () => {
  const { control } = training();
  await expect(control.ask({ action: 'stop' })).rejects.toMatchObject({ code: 'run-ended' });
  await expect(control.ask({ action: 'pause' })).rejects.toMatchObject({ code: 'run-ended' });
});

it('names the model’s path in the result', () => {
  const figures = {
    ...{ runId: 'r', step: 3, testAccuracy: 0.5, metrics: { accuracy: 0.5 } },
    ...{ weightsSha256: 'ab', seconds: 1 },
  };
  const event = { event: 'run-finished', ...figures, model: '/m' } as Parameters<
    typeof resultOf
  >[0];
  expect(resultOf(event)).toEqual({ ...figures, modelPath: '/m' });
});

it('tells a stopped run from a failed one', () => {
  const stopped = { event: 'state', state: 'stopped', reason: 'by a user' } as const;
  expect(withoutResult(130, undefined, stopped).code).toBe('run-ended');
  expect(withoutResult(1, undefined, undefined).code).toBe('run-failed');
});
