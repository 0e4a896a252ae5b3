import { LockstepError } from '@lockstep/core';
import {
  decodeMessage,
  encodeRefusal,
  type EncodedMessage,
  type FollowEvent,
  type Follower,
} from '@lockstep/protocol';
import { Inbox } from './inbox.js';
import type { Process, World } from './world.js';

/** How likely the network errs, each message. */
export interface NetworkFaults {
  readonly drop: number;
  readonly duplicate: number;
  /** Most milliseconds that a message takes. */
  readonly slowMs: number;
}

const CALL_TIMEOUT_MS = 600;
const KEEPALIVE_MS = 900;
/** One for all: errors are the dearest thing that a simulation makes. */
export const UNREACHABLE = new LockstepError('coordinator-unreachable', 'no answer in time');

/** The client's end of a stream. */
export interface StreamEnd {
  receive(event: FollowEvent): void;
  /** The coordinator ended it. */
  ended(): void;
  broken(): void;
}

/** An upload as it comes to the server. */
interface UploadCopy {
  readonly inbox: Inbox<Buffer>;
  lastAt: number;
  broken: boolean;
}

/** The network: calls may be lost, late, doubled or cut off; a stream is in order or broken. */
export class SimNetwork {
  faults: NetworkFaults = { drop: 0, duplicate: 0, slowMs: 3 };
  readonly #cutOffUntil = new Map<Process, number>();

  constructor(readonly world: World) {}

  cutOff(process: Process, ms: number): void {
    this.#cutOffUntil.set(process, this.world.now + ms);
  }

  /**
   * A call of a worker.
   *
   * @param handler runs at the callee; more than once where the network doubles it
   */
  call<Value>(
    caller: Process,
    callee: Process | undefined,
    handler: () => Value | Promise<Value>,
  ): Promise<Value> {
    const { world } = this;
    return new Promise((resolve, reject) => {
      let answered = false;
      const away = (): void => {
        if (!answered) reject(UNREACHABLE);
      };
      if (!callee || callee.state === 'dead') return void world.after(this.#trip(), caller, away);
      const cancelTimeout = world.after(CALL_TIMEOUT_MS, caller, away);
      const copies = world.random.chance(this.faults.duplicate) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (this.#isLost(caller)) continue;
        world.after(this.#trip(), callee, () => {
          const reply = (act: () => void): void => {
            if (this.#isLost(caller)) return;
            world.after(this.#trip(), caller, () => {
              answered = true;
              cancelTimeout();
              act();
            });
          };
          Promise.resolve()
            .then(handler)
            .then(
              (value) => reply(() => resolve(value)),
              (error: unknown) => reply(() => reject(LockstepError.from(error))),
            );
        });
      }
    });
  }

  /**
   * An upload: its messages come in order, until one is lost and the connection breaks.
   *
   * @param messages those that are sent together
   * @param receive runs at the server; twice where the network doubles the upload
   */
  upload<Reply>(
    client: Process,
    server: Process,
    messages: AsyncIterable<readonly Buffer[]>,
    receive: (messages: AsyncIterable<Buffer>) => Promise<Reply>,
  ): Promise<Reply> {
    const { world } = this;
    return new Promise((resolve, reject) => {
      let answered = false;
      const away = (): void => {
        if (!answered) reject(UNREACHABLE);
      };
      const answer = (tell: () => void): void => {
        if (this.#isLost(client)) return;
        world.after(this.#trip(), client, () => {
          answered = true;
          tell();
        });
      };
      const begin = (): UploadCopy => {
        const inbox = new Inbox<Buffer>();
        receive(inbox).then(
          (reply) => answer(() => resolve(reply)),
          (error: unknown) => answer(() => reject(LockstepError.from(error))),
        );
        return { inbox, lastAt: 0, broken: false };
      };
      const copies = Array.from(
        { length: world.random.chance(this.faults.duplicate) ? 2 : 1 },
        begin,
      );
      const send = async (): Promise<void> => {
        for await (const together of messages) {
          for (const copy of copies) this.#deliver(client, server, copy, together);
        }
        world.after(CALL_TIMEOUT_MS, client, away);
      };
      send().catch(reject);
    });
  }

  /** Delivers messages that are sent together, or breaks the connection. */
  #deliver(client: Process, server: Process, copy: UploadCopy, messages: readonly Buffer[]): void {
    const { world } = this;
    copy.broken ||= this.#isLost(client);
    copy.lastAt = Math.max(copy.lastAt, world.now + this.#trip());
    world.after(copy.lastAt - world.now, server, () => {
      if (copy.broken) return copy.inbox.end(UNREACHABLE);
      for (const message of messages) copy.inbox.push(message);
      return undefined;
    });
  }

  /** Opens a stream: the coordinator's end of it, whose messages come to the worker in order. */
  stream(
    server: Process,
    client: Process,
    { receive, ended, broken }: StreamEnd,
  ): Follower & { cancel(): void } {
    const { world } = this;
    const over = new AbortController();
    let last = 0;
    let open = true;
    const closeClient = (tell: () => void): void => {
      if (!open) return;
      open = false;
      tell();
    };
    const serverBreaks = (): void => over.abort('broken');
    const deliver = (act: () => void): void => {
      const heals = Math.max(0, (this.#cutOffUntil.get(client) ?? 0) - world.now);
      last = Math.max(last, world.now + heals + this.#trip());
      world.after(last - world.now, client, act);
    };
    const send = (message: EncodedMessage): void => {
      if (over.signal.aborted) return;
      if (world.random.chance(this.faults.drop)) return breakBoth();
      const sent = { ...message }; // its parts are copied now, as a socket's are
      deliver(() => {
        if (open) void decodeMessage(sent).then((event) => event && receive(event));
      });
    };
    const breakBoth = (): void => {
      world.after(world.random.between(1, 50), client, () => closeClient(broken));
      world.after(world.random.between(1, 50), server, serverBreaks);
    };
    const watch = (): void => {
      if (!open && over.signal.aborted) return;
      const cut = (this.#cutOffUntil.get(client) ?? 0) > world.now;
      const bothSleep = server.state === 'frozen' && client.state === 'frozen';
      const neitherSleeps = server.state === 'running' && client.state === 'running';
      if (cut || !(bothSleep || neitherSleeps)) breakBoth();
      else world.after(KEEPALIVE_MS, undefined, watch);
    };
    world.after(KEEPALIVE_MS, undefined, watch);
    return {
      signal: over.signal,
      queuedBytes: 0,
      send,
      refuse(refusal) {
        send(encodeRefusal(refusal));
        this.end();
      },
      end: () => {
        deliver(() => closeClient(ended));
        world.after(0, server, serverBreaks);
      },
      cancel: () => {
        open = false;
        if (!this.#isLost(client)) world.after(this.#trip(), server, serverBreaks);
      },
    };
  }

  #isLost(caller: Process): boolean {
    return (
      (this.#cutOffUntil.get(caller) ?? 0) > this.world.now ||
      this.world.random.chance(this.faults.drop)
    );
  }

  #trip(): number {
    return this.world.random.between(1, this.faults.slowMs);
  }
}
