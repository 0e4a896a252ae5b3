import {
  controlReply,
  controlReplyIn,
  controlRequestIn,
  LockstepError,
  type ControlAction,
} from '@lockstep/core';

type Channel = Pick<NodeJS.Process, 'on' | 'off' | 'send'>;

/**
 * The coordinator's end of the channel: carries out the requests of the `lockstep train` that started it.
 *
 * @returns stops listening
 */
export function obeyParent(
  control: (action: ControlAction) => Promise<void>,
  channel: Channel = process,
): () => void {
  const hear = (message: unknown): void => {
    const request = controlRequestIn(message);
    if (!request) return;
    const answer = (error?: LockstepError): void =>
      void channel.send?.(controlReply(request.id, error), undefined, undefined, () => undefined);
    control(request).then(
      () => answer(),
      (error: unknown) => answer(LockstepError.from(error)),
    );
  };
  channel.on('message', hear);
  return () => void channel.off('message', hear);
}

/** Passes the control requests of a program on to the coordinator of its run, and the replies back. */
export class ControlRelay {
  readonly #channel: Channel;
  readonly #unanswered = new Set<string>();
  #coordinator: { send(message: object): void } | undefined;

  constructor(channel: Channel = process) {
    this.#channel = channel;
    channel.on('message', this.#hear);
  }

  /** Requests go to this coordinator from now on. */
  passTo(coordinator: { send(message: object): void }): void {
    this.#coordinator = coordinator;
  }

  /** Passes a message of the coordinator on where it is a reply. */
  passBack(message: unknown): void {
    const reply = controlReplyIn(message);
    if (!reply || !this.#unanswered.delete(reply.id)) return;
    this.#channel.send?.(reply, undefined, undefined, () => undefined);
  }

  /** The coordinator is gone: what it has not answered is refused. */
  coordinatorGone(): void {
    this.#coordinator = undefined;
    for (const id of this.#unanswered) this.#refuse(id);
    this.#unanswered.clear();
  }

  close(): void {
    this.#channel.off('message', this.#hear);
  }

  readonly #hear = (message: unknown): void => {
    const request = controlRequestIn(message);
    if (!request) return;
    if (!this.#coordinator) return this.#refuse(request.id);
    this.#unanswered.add(request.id);
    this.#coordinator.send(request);
  };

  #refuse(id: string): void {
    const gone = new LockstepError('coordinator-unreachable', 'the run has no coordinator now', {
      remedy: 'a killed coordinator is restarted: retry in a moment',
    });
    this.#channel.send?.(controlReply(id, gone), undefined, undefined, () => undefined);
  }
}
