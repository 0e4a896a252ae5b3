import { randomUUID } from 'node:crypto';
import {
  controlReplyIn,
  LockstepError,
  refusalIn,
  type ControlAction,
  type ControlRequest,
} from '@lockstep/core';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: LockstepError) => void;
}

/** Sends control requests to the training process, over the channel to it, and receives the replies. */
export class Control {
  readonly #send: (request: ControlRequest) => void;
  readonly #waiting = new Map<string, Waiting>();
  #hasEnded = false;

  constructor(send: (request: ControlRequest) => void) {
    this.#send = send;
  }

  /**
   * Resolves once the run's coordinator has done it.
   *
   * @throws LockstepError (as a rejection) what the coordinator refuses with; `run-ended` after the run's end
   */
  ask(action: ControlAction): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) return reject(ended());
      const id = randomUUID();
      this.#waiting.set(id, { resolve, reject });
      return this.#send({ lockstep: 'control', id, ...action });
    });
  }

  /** Takes a message of the training process. */
  receive(message: unknown): void {
    const reply = controlReplyIn(message);
    const waiting = reply && this.#waiting.get(reply.id);
    if (!reply || !waiting) return;
    this.#waiting.delete(reply.id);
    const refusal = refusalIn(reply);
    if (refusal) waiting.reject(refusal);
    else waiting.resolve();
  }

  /** The training process is gone. */
  end(): void {
    this.#hasEnded = true;
    for (const { reject } of this.#waiting.values()) reject(ended());
    this.#waiting.clear();
  }
}

function ended(): LockstepError {
  return new LockstepError('run-ended', 'the run has ended', { remedy: 'await its result' });
}
