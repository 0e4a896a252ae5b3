import type { TimedRunEvent } from '../events/schemas.js';

/** Events as frequent as steps or checkpoints: each has a list of its own. */
const FREQUENT = ['reissue', 'evaluation', 'checkpoint'] as const;
const MOST_FREQUENT = 100;
const MOST_OTHERS = 300;

/**
 * The run's events beside its steps, in bounded memory: the newest of each kind, so that frequent
 * ones do not displace workers that joined or were lost.
 */
export class Activity {
  readonly #lists = new Map<string, { readonly number: number; readonly event: TimedRunEvent }[]>();
  #number = 0;
  #merged: readonly TimedRunEvent[] | undefined;

  add(event: TimedRunEvent): void {
    const frequent = FREQUENT.find((name) => name === event.event);
    const list = this.#lists.get(frequent ?? '') ?? [];
    this.#lists.set(frequent ?? '', list);
    list.push({ number: (this.#number += 1), event });
    if (list.length > (frequent ? MOST_FREQUENT : MOST_OTHERS)) list.shift();
    this.#merged = undefined;
  }

  get newestFirst(): readonly TimedRunEvent[] {
    this.#merged ??= [...this.#lists.values()]
      .flat()
      .sort((a, b) => b.number - a.number)
      .map(({ event }) => event);
    return this.#merged;
  }
}
