import { randomUUID } from 'node:crypto';
import type { WorkerScaler } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';

/** A coordinator's request to the `lockstep train` that started it, over the channel between the two. */
interface ScaleRequest {
  readonly lockstep: 'scale';
  readonly id: string;
  readonly workers: number;
}

/** Its notice that it drains a worker. */
interface Retirement {
  readonly lockstep: 'retire-worker';
  readonly worker: string;
}

interface ScaleReply {
  readonly lockstep: 'scaled';
  readonly id: string;
  /** Why the request was refused. */
  readonly refused?: string;
}

const PATIENCE_MS = 5_000;

/** The parent as a scaler; undefined where no parent listens. */
export function parentScaler(channel: NodeJS.Process = process): WorkerScaler | undefined {
  if (channel.send === undefined) return undefined;
  return {
    kind: 'local',
    scaleTo: async (workers) => {
      const reply = await ask(channel, { lockstep: 'scale', id: randomUUID(), workers });
      if (reply.refused !== undefined) throw cannot(reply.refused);
    },
    retireWorker: (worker) => {
      const message: Retirement = { lockstep: 'retire-worker', worker };
      channel.send?.(message, undefined, undefined, () => undefined);
      return Promise.resolve();
    },
  };
}

function ask(channel: NodeJS.Process, request: ScaleRequest): Promise<ScaleReply> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      clearTimeout(timer);
      channel.off('message', hear);
      act();
    };
    const hear = (message: unknown): void => {
      if (isReply(message) && message.id === request.id) finish(() => resolve(message));
    };
    const silence = (): void =>
      finish(() =>
        reject(cannot('the process that started this coordinator does not start workers')),
      );
    const timer = setTimeout(silence, PATIENCE_MS);
    channel.on('message', hear);
    channel.send?.(request, undefined, undefined, (error) => {
      if (error) silence();
    });
  });
}

/**
 * The parent's side: carries out a child's request.
 *
 * @param pool.scaleTo throws when it cannot scale
 * @returns the reply to send, or undefined where the message needs none
 */
export function answerScaleRequest(
  message: unknown,
  pool: { scaleTo(workers: number): void; retireWorker(worker: string): void },
): ScaleReply | undefined {
  if (isRetirement(message)) pool.retireWorker(message.worker);
  if (!isRequest(message)) return undefined;
  const { id, workers } = message;
  try {
    pool.scaleTo(workers);
    return { lockstep: 'scaled', id };
  } catch (error) {
    return { lockstep: 'scaled', id, refused: LockstepError.from(error).message };
  }
}

function isRequest(message: unknown): message is ScaleRequest {
  if (typeof message !== 'object' || message === null) return false;
  const { lockstep, id, workers } = message as Record<string, unknown>;
  return lockstep === 'scale' && typeof id === 'string' && Number.isSafeInteger(workers);
}

function isRetirement(message: unknown): message is Retirement {
  if (typeof message !== 'object' || message === null) return false;
  const { lockstep, worker } = message as Record<string, unknown>;
  return lockstep === 'retire-worker' && typeof worker === 'string';
}

function isReply(message: unknown): message is ScaleReply {
  if (typeof message !== 'object' || message === null) return false;
  const { lockstep, id } = message as Record<string, unknown>;
  return lockstep === 'scaled' && typeof id === 'string';
}

function cannot(reason: string): LockstepError {
  return new LockstepError('cannot-scale', reason, {
    remedy: 'start or end `lockstep worker` on the workers’ machines, or scale their deployment',
  });
}
