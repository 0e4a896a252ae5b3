import type { EventFeed } from '../../event-feed.js';
import { createGatherer, type Gathered } from './event-gatherer.js';
import { lengthOf, readEvents, type TimedEvent } from './read-events.js';

/** The past of a run that goes on. */
export interface RunHistory {
  readonly gathered: Gathered;
  close(): void;
}

/**
 * Reads `events.jsonl` as it is now, and follows the feed from then on. No event is missed or seen
 * twice: the file's length and the subscription are taken in one turn of the event loop, and each
 * event is written and fed in one.
 *
 * @param observe told of every event, old and new, in order
 */
export async function loadRunHistory(
  path: string,
  feed: EventFeed,
  observe: (event: TimedEvent) => void,
): Promise<RunHistory> {
  const { take: gather, gathered } = createGatherer();
  const take = (event: TimedEvent): void => {
    gather(event);
    observe(event);
  };
  const waiting: TimedEvent[] = [];
  let deliver: (event: TimedEvent) => void = (event) => waiting.push(event);
  const size = lengthOf(path);
  const close = feed.subscribe((entry) => deliver(entry));
  for await (const event of readEvents(path, size)) take(event);
  for (const event of waiting) take(event);
  deliver = take;
  return { gathered, close };
}
