import type { TimedRunEvent } from '../events/schemas.js';

/** What happened beside the steps, in bounded memory. */
export interface Activity {
  add(event: TimedRunEvent): void;
  readonly newestFirst: readonly TimedRunEvent[];
}

/** Events that come as often as steps or checkpoints do, each kept in a list of its own. */
const FREQUENT = ['reissue', 'evaluation', 'checkpoint'] as const;
const MOST_FREQUENT = 100;
const MOST_OTHERS = 300;

/** Keeps the newest events of each kind, so that frequent ones do not push out joins and losses. */
export function createActivity(): Activity {
  const lists = new Map<string, { readonly number: number; readonly event: TimedRunEvent }[]>();
  let number = 0;
  let merged: readonly TimedRunEvent[] | undefined;
  return {
    add: (event) => {
      const frequent = FREQUENT.find((name) => name === event.event);
      const list = lists.get(frequent ?? '') ?? [];
      lists.set(frequent ?? '', list);
      list.push({ number: (number += 1), event });
      if (list.length > (frequent ? MOST_FREQUENT : MOST_OTHERS)) list.shift();
      merged = undefined;
    },
    get newestFirst() {
      merged ??= [...lists.values()]
        .flat()
        .sort((a, b) => b.number - a.number)
        .map(({ event }) => event);
      return merged;
    },
  };
}
