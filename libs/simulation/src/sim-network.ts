import { LockstepError } from '@lockstep/core';
import {
  decodeMessage,
  encodeRefusal,
  type EncodedMessage,
  type FollowEvent,
  type Follower,
  type Refusal,
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

/** Receives what a stream delivers to the worker. */
export interface StreamReceiver {
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
      if (!callee || callee.state === 'dead') return void world.after(this.trip(), caller, away);
      const cancelTimeout = world.after(CALL_TIMEOUT_MS, caller, away);
      const copies = world.random.chance(this.faults.duplicate) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (this.isLost(caller)) continue;
        world.after(this.trip(), callee, () => {
          const reply = (act: () => void): void => {
            if (this.isLost(caller)) return;
            world.after(this.trip(), caller, () => {
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
        if (this.isLost(client)) return;
        world.after(this.trip(), client, () => {
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
    copy.broken ||= this.isLost(client);
    copy.lastAt = Math.max(copy.lastAt, world.now + this.trip());
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
    receiver: StreamReceiver,
  ): Follower & { cancel(): void } {
    return new SimStream(this, server, client, receiver);
  }

  /** For how many more milliseconds a process is cut off. */
  cutOffMs(process: Process): number {
    return Math.max(0, (this.#cutOffUntil.get(process) ?? 0) - this.world.now);
  }

  /** Whether a message of this process is lost. */
  isLost(caller: Process): boolean {
    return this.cutOffMs(caller) > 0 || this.world.random.chance(this.faults.drop);
  }

  /** How long the next message takes, in milliseconds. */
  trip(): number {
    return this.world.random.between(1, this.faults.slowMs);
  }
}

/** The coordinator's end of a stream. */
class SimStream implements Follower {
  readonly queuedBytes = 0;
  readonly #network: SimNetwork;
  readonly #server: Process;
  readonly #client: Process;
  readonly #receiver: StreamReceiver;
  readonly #over = new AbortController();
  /** When the last message arrives. */
  #lastAt = 0;
  /** Whether the worker's end is open. */
  #isOpen = true;

  constructor(network: SimNetwork, server: Process, client: Process, receiver: StreamReceiver) {
    this.#network = network;
    this.#server = server;
    this.#client = client;
    this.#receiver = receiver;
    network.world.after(KEEPALIVE_MS, undefined, () => this.#keepAlive());
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  send(message: EncodedMessage): void {
    const { world, faults } = this.#network;
    if (this.signal.aborted) return;
    if (world.random.chance(faults.drop)) return this.#break();
    const sent = { ...message }; // its parts are copied now, as a socket's are
    this.#deliver(() => {
      if (this.#isOpen)
        void decodeMessage(sent).then((event) => event && this.#receiver.receive(event));
    });
  }

  refuse(refusal: Refusal): void {
    this.send(encodeRefusal(refusal));
    this.end();
  }

  end(): void {
    this.#deliver(() => this.#closeClient(() => this.#receiver.ended()));
    this.#network.world.after(0, this.#server, () => this.#breakServer());
  }

  /** The worker leaves the stream. */
  cancel(): void {
    const { world } = this.#network;
    this.#isOpen = false;
    if (this.#network.isLost(this.#client)) return;
    world.after(this.#network.trip(), this.#server, () => this.#breakServer());
  }

  #deliver(act: () => void): void {
    const { world } = this.#network;
    const heals = this.#network.cutOffMs(this.#client);
    this.#lastAt = Math.max(this.#lastAt, world.now + heals + this.#network.trip());
    world.after(this.#lastAt - world.now, this.#client, act);
  }

  #keepAlive(): void {
    if (!this.#isOpen && this.signal.aborted) return;
    const [server, client] = [this.#server.state, this.#client.state];
    const bothSleep = server === 'frozen' && client === 'frozen';
    const neitherSleeps = server === 'running' && client === 'running';
    const isCut = this.#network.cutOffMs(this.#client) > 0;
    if (isCut || !(bothSleep || neitherSleeps)) this.#break();
    else this.#network.world.after(KEEPALIVE_MS, undefined, () => this.#keepAlive());
  }

  #break(): void {
    const { world } = this.#network;
    const { random } = world;
    world.after(random.between(1, 50), this.#client, () =>
      this.#closeClient(() => this.#receiver.broken()),
    );
    world.after(random.between(1, 50), this.#server, () => this.#breakServer());
  }

  #breakServer(): void {
    this.#over.abort('broken');
  }

  #closeClient(tell: () => void): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    tell();
  }
}
