import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventFeed } from './event-feed.js';

const event = (step: number) => ({ event: 'alarm', code: String(step), message: '' }) as const;

describe('EventFeed', () => {
  it('returns the entries after one, and whether they are complete', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 9 }), (pushed, read, keep) => {
        fc.pre(read <= pushed);
        const feed = new EventFeed(() => 1, keep);
        for (let n = 0; n < read; n++) feed.push(event(n));
        const readTo = feed.lastId;
        for (let n = read; n < pushed; n++) feed.push(event(n));
        const { entries, complete } = feed.since(readTo);
        const missed = Array.from({ length: pushed - read }, (_, n) => event(read + n));
        const got = entries.map((entry) => entry.event);
        expect(got).toEqual(missed.slice(missed.length - got.length));
        expect(complete).toBe(got.length === missed.length);
        expect(got.length).toBeGreaterThanOrEqual(Math.min(keep, missed.length));
        expect(got.length).toBeLessThan(2 * keep);
      }),
    );
  });

  it('is incomplete for an id of another coordinator, or an invalid one', () => {
    const feed = new EventFeed(() => 36);
    feed.push(event(1));
    for (const id of ['zz-1', '', '10-2', '10-x', '10--1', '10-1e3']) {
      expect(feed.since(id)).toMatchObject({ complete: false, entries: [{ id: '10-1' }] });
    }
    expect(feed.since('10-1')).toEqual({ complete: true, entries: [] });
  });

  it('calls listeners until they unsubscribe', () => {
    const feed = new EventFeed(() => 1);
    const heard: string[] = [];
    const unsubscribe = feed.subscribe(({ id }) => heard.push(id));
    feed.push(event(1));
    unsubscribe();
    feed.push(event(2));
    expect(heard).toEqual(['1-1']);
  });
});
