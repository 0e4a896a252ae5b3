import type {
  ContributionBegin,
  EncodedMessage,
  FollowEvent,
  ProtocolClient,
  ProtocolHandlers,
  SnapshotEvent,
  StateUploadHeader,
  SubmitOutcome,
} from '@lockstep/protocol';
import { decodeMessage } from '@lockstep/protocol';
import {
  contributionMessages,
  receiveContributionMessages,
  receiveStateMessages,
  stateMessages,
  type Messages,
} from '@lockstep/protocol/in-memory';
import { Inbox } from './inbox.js';
import { UNREACHABLE } from './sim-network.js';
import type { Scene, SceneCoordinator } from './scene.js';
import type { WorkerRules } from './worker-rules.js';
import type { Process } from './world.js';

/** How a contribution is damaged between the worker and the network. */
export type Damage = 'wrong-hash' | 'old-term';

const RECEPTION = { maxPayloadBytes: 1_000_000, uploadStallMs: 2_000 };

/**
 * A worker's end of the protocol over the simulated network.
 *
 * @param nextDamage how the next contribution is damaged, once
 */
export function createSimClient(
  scene: Scene,
  process: Process,
  rules: WorkerRules,
  nextDamage: () => Damage | undefined,
): ProtocolClient {
  const connection = new Connection(scene, process);
  return {
    ...memberCalls(connection, rules),
    describe: () => connection.call((handlers) => handlers.describe()),
    register: async (request) => {
      const outcome = await connection.call((handlers) => handlers.register(request));
      if (outcome.kind === 'accepted') rules.registered(outcome.session);
      return outcome;
    },
    follow: (request, signal) => {
      rules.called(request.session);
      return connection.follow(request, signal);
    },
    submit: async (begin, factored, rest) => {
      rules.called(begin.session);
      rules.submitting(begin.shard);
      return connection.submit(begin, factored, rest, nextDamage());
    },
    uploadState: (header, state) => {
      rules.called(header.session);
      return connection.uploadState(header, state);
    },
    close: () => undefined,
  };
}

type MemberCall = 'fetch' | 'take' | 'submitEvaluation' | 'heartbeat' | 'leave';

/** The calls of a member, each one message and its reply. */
function memberCalls(connection: Connection, rules: WorkerRules): Pick<ProtocolClient, MemberCall> {
  const call = <Reply>(
    { session }: { readonly session: string },
    handler: (handlers: ProtocolHandlers) => Reply | Promise<Reply>,
  ): Promise<Reply> => {
    rules.called(session);
    return connection.call(handler);
  };
  return {
    fetch: async (request) => {
      const fetched = await call(request, (handlers) => handlers.fetch(request));
      return fetched.kind === 'refused' ? fetched : snapshotIn(fetched);
    },
    take: async (request) => {
      rules.taking();
      const outcome = await call(request, (handlers) => handlers.take(request));
      if (outcome.kind === 'granted') rules.granted(request.session, request.shard);
      return outcome;
    },
    submitEvaluation: (result) => call(result, (handlers) => handlers.submitEvaluation(result)),
    heartbeat: (request) => call(request, (handlers) => handlers.heartbeat(request)),
    leave: (request) => call(request, (handlers) => handlers.leave(request)),
  };
}

async function snapshotIn(message: EncodedMessage): Promise<SnapshotEvent> {
  const event = await decodeMessage(message);
  if (event?.kind === 'snapshot') return event;
  throw new Error('no snapshot came');
}

/** Like a gRPC channel: stays with one coordinator until that cannot be reached, then finds the next. */
class Connection {
  readonly #scene: Scene;
  readonly #process: Process;
  #connected: SceneCoordinator | undefined;

  constructor(scene: Scene, process: Process) {
    this.#scene = scene;
    this.#process = process;
  }

  call<Value>(handler: (handlers: ProtocolHandlers) => Value | Promise<Value>): Promise<Value> {
    const { network } = this.#scene;
    const callee = this.#peer();
    return network
      .call(this.#process, callee?.process, () =>
        callee ? handler(callee.handlers) : Promise.reject<Value>(UNREACHABLE),
      )
      .catch((error: unknown) => this.#failed(error));
  }

  async submit(
    given: ContributionBegin,
    factored: Uint8Array,
    rest: Parameters<ProtocolClient['submit']>[2],
    damage: Damage | undefined,
  ): Promise<SubmitOutcome> {
    const begin = damage === 'old-term' ? ofOldTerm(given) : given;
    const sound = contributionMessages(begin, factored, rest);
    const messages = damage === 'wrong-hash' ? withLastByteAltered(sound) : sound;
    const outcome = await this.#upload(messages, (coming, { handlers }, reception) =>
      receiveContributionMessages(coming, handlers, reception),
    );
    this.#scene.world.say(
      () => `${this.#process.name}: contributed ${JSON.stringify(begin.shard)}: ${outcome.verdict}`,
    );
    return outcome;
  }

  uploadState(header: StateUploadHeader, state: Uint8Array): Promise<boolean> {
    const messages = fromArray([stateMessages(header, state)]);
    return this.#upload(messages, (coming, { handlers }, reception) =>
      receiveStateMessages(coming, handlers, reception),
    );
  }

  #upload<Value>(
    messages: AsyncIterable<Messages>,
    receive: (
      coming: AsyncIterable<Buffer>,
      at: SceneCoordinator,
      reception: typeof RECEPTION & { clock: SceneCoordinator['clock'] },
    ) => Promise<Value>,
  ): Promise<Value> {
    const callee = this.#peer();
    if (!callee) return Promise.reject(UNREACHABLE);
    const reception = { ...RECEPTION, clock: callee.clock };
    return this.#scene.network
      .upload(this.#process, callee.process, messages, (coming) =>
        receive(coming, callee, reception),
      )
      .catch((error: unknown) => this.#failed(error));
  }

  async *follow(
    request: Parameters<ProtocolClient['follow']>[0],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<FollowEvent, void, undefined> {
    const callee = this.#peer();
    if (!callee) throw UNREACHABLE;
    const inbox = new Inbox<FollowEvent>();
    const stream = this.#scene.network.stream(callee.process, this.#process, {
      receive: (event) => inbox.push(event),
      ended: () => inbox.end(),
      broken: () => inbox.end(UNREACHABLE),
    });
    const end = (): void => inbox.end();
    signal?.addEventListener('abort', end, { once: true });
    this.call((handlers) => handlers.follow({ ...request }, stream)).catch(() =>
      inbox.end(UNREACHABLE),
    );
    try {
      yield* inbox;
    } finally {
      signal?.removeEventListener('abort', end);
      stream.cancel();
    }
  }

  #peer(): SceneCoordinator | undefined {
    if (this.#connected === undefined || this.#connected.process.state === 'dead') {
      this.#connected = this.#scene.leader;
    }
    return this.#connected;
  }

  #failed(error: unknown): never {
    if (error === UNREACHABLE) this.#connected = undefined;
    throw error;
  }
}

function ofOldTerm(begin: ContributionBegin): ContributionBegin {
  return { ...begin, shard: { ...begin.shard, term: begin.shard.term - 1 } };
}

/** The dense section comes last; its hash was sent before it. */
async function* withLastByteAltered(
  messages: AsyncIterable<Messages>,
): AsyncGenerator<Messages, void, undefined> {
  let isFirst = true;
  for await (const together of messages) {
    const last = together.at(-1);
    if (!isFirst && last) last[last.length - 1] ^= 1;
    isFirst = false;
    yield together;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- the items are there already
async function* fromArray<Item>(items: readonly Item[]): AsyncGenerator<Item, void, undefined> {
  yield* items;
}
