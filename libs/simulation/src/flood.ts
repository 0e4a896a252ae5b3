import {
  PROCESS_KEY_BYTES,
  type ProtocolHandlers,
  type RegisterRequest,
  type ShardAttempt,
} from '@lockstep/protocol';
import type { Scene } from './scene.js';

const EVERY_MS = 10;
const PROCESS_KEY = new Uint8Array(PROCESS_KEY_BYTES);
/** Calls of each kind at once. */
const CALLS = 5;
/** Refused workers that one coordinator may report during a flood: its burst, and what its rate adds. */
const MOST_REFUSED = 30;

/**
 * A hostile peer calls as often as it can: registrations that are refused, calls without a session, and
 * takes and heartbeats of a session of its own, which computes nothing.
 */
export function flood(scene: Scene, lastsMs: number): void {
  const { world } = scene;
  const until = world.now + lastsMs;
  const peer = new HostilePeer(scene);
  const wave = (): void => {
    if (scene.leader?.process.state === 'running') void peer.call(scene.leader.handlers);
    if (world.now < until) world.after(EVERY_MS, undefined, wave);
  };
  wave();
}

/** Checks that the floods of a run have not filled its event log. */
export function checkFlooded(events: string, coordinators: number): string | undefined {
  const refused = events.split('"state":"refused"').length - 1;
  if (refused <= MOST_REFUSED * coordinators) return undefined;
  return `${refused} refused workers in the log of ${coordinators} coordinators`;
}

class HostilePeer {
  readonly #scene: Scene;
  #session = 'none';
  #calls = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Every call is refused or answered; none may fail the coordinator. */
  async call(handlers: ProtocolHandlers): Promise<void> {
    await this.#join(handlers).catch(() => undefined);
    const calls = Array.from({ length: CALLS }, () => this.#callOnce(handlers)).flat();
    await Promise.allSettled(calls);
  }

  async #join(handlers: ProtocolHandlers): Promise<void> {
    const { specSha256 } = await handlers.describe();
    const outcome = await handlers.register(this.#registration('flood', specSha256));
    if (outcome.kind === 'accepted') this.#session = outcome.session;
  }

  #callOnce(handlers: ProtocolHandlers): unknown[] {
    const { random } = this.#scene.world;
    this.#calls += 1;
    const shard: ShardAttempt = {
      ...{ term: random.between(1, 3), step: random.between(0, 8), index: random.between(0, 5) },
      ...{ attempt: random.between(1, 3), evaluation: random.chance(0.3) },
    };
    const session = random.pick([this.#session, 'none']) ?? '';
    const usage = { rssBytes: 0, tensorCount: 0, cpuSeconds: 0, log: [] };
    return [
      handlers.register(this.#registration(`flood-${this.#calls}`, 'wrong')),
      handlers.take({ session, shard }),
      handlers.heartbeat({ session, version: random.between(0, 8), shard, ...usage }),
      handlers.fetch({ session, version: 1 }),
      handlers.leave({ session: 'none', reason: '' }),
    ];
  }

  #registration(name: string, specSha256: string): RegisterRequest {
    return {
      ...{ name, specSha256, host: 'hostile', pid: 1, backend: 'native' },
      ...{ dataSha256: this.#scene.spec.data.sha256, fingerprint: 'same' },
      fingerprintFields: {},
      processKey: PROCESS_KEY,
    };
  }
}
