import type { ShardAttempt } from '@lockstep/protocol';

/**
 * What a worker must keep to, seen from its calls: the coordinator tolerates most violations by
 * design, so that the end of a run does not show them.
 */
export class WorkerRules {
  readonly #mustBe: (condition: boolean, otherwise: string) => void;
  #session: string | undefined;
  /** Grants without a contribution, by attempt. */
  readonly #grants = new Map<string, number>();
  /** Failures that the worker has reported since a shard had no contribution. */
  #troubles = 0;

  constructor(mustBe: (condition: boolean, otherwise: string) => void) {
    this.#mustBe = mustBe;
  }

  /** The session that the worker has registered for last. */
  get session(): string | undefined {
    return this.#session;
  }

  registered(session: string): void {
    this.#session = session;
    this.#grants.clear();
    this.#troubles = 0;
  }

  /** Every call names the newest session. */
  called(session: string): void {
    this.#mustBe(session === this.#session, 'a worker used a stale session');
  }

  /** A shard that was granted is contributed before the next one is asked for. */
  taking(): void {
    const dropped = [...this.#grants.keys()];
    this.#mustBe(
      dropped.length <= this.#troubles,
      `a worker dropped ${dropped.join()} that it was granted`,
    );
    if (dropped.length > 0) this.#troubles = 0;
    this.#grants.clear();
  }

  granted(session: string, shard: ShardAttempt): void {
    if (session !== this.#session || shard.evaluation) return;
    this.#grants.set(keyOf(shard), (this.#grants.get(keyOf(shard)) ?? 0) + 1);
  }

  /** Each grant allows one contribution. */
  submitting(shard: ShardAttempt): void {
    const key = keyOf(shard);
    const grants = this.#grants.get(key) ?? 0;
    this.#mustBe(grants > 0, `a worker contributed ${key} without a grant, or twice`);
    if (grants > 1) this.#grants.set(key, grants - 1);
    else this.#grants.delete(key);
  }

  /** The worker has reported a failure: a shard may have no contribution. */
  reportedWarning(): void {
    this.#troubles += 1;
  }
}

function keyOf({ term, step, index, attempt }: ShardAttempt): string {
  return `step ${step} shard ${index} attempt ${attempt} of term ${term}`;
}
