import { expect, it } from 'vitest';
import { WorkerRegistry } from './worker-registry.js';

it('resolves when no worker belongs to the run any more', async () => {
  const workers = new WorkerRegistry({ now: () => 0, monotonicNow: () => 0 });
  const departure = { how: 'left', reason: 'it was drained' } as const;
  await workers.emptied();
  const worker = { host: 'h', pid: 1, backend: 'native', local: true };
  workers.add({ id: 'a', ...worker });
  workers.add({ id: 'b', ...worker });
  let emptied = false;
  const waiting = workers.emptied().then(() => (emptied = true));
  workers.remove('a', departure);
  await Promise.resolve();
  expect(emptied).toBe(false);
  workers.remove('b', departure);
  await waiting;
});

it('quarantines a worker that has left, and lets no other departure replace the first', () => {
  const workers = new WorkerRegistry({ now: () => 0, monotonicNow: () => 0 });
  workers.add({ id: 'a', host: 'h', pid: 1, backend: 'native', local: true });
  workers.remove('a', { how: 'left', reason: 'it was drained' });
  expect(workers.remove('a', { how: 'lost', reason: 'silent' })).toBeUndefined();
  const quarantined = { how: 'quarantined', reason: 'it contributed other bits' } as const;
  expect(workers.remove('a', quarantined)?.id).toBe('a');
  expect(workers.figures()).toMatchObject([{ worker: { id: 'a' }, departure: quarantined }]);
});

it('remembers the newest of the refused workers, and does not forget departed ones for them', () => {
  const workers = new WorkerRegistry({ now: () => 0, monotonicNow: () => 0 });
  const worker = { host: 'h', pid: 1, backend: 'native', local: true };
  workers.add({ id: 'a', ...worker });
  workers.remove('a', { how: 'quarantined', reason: 'it was wrong' });
  for (let n = 1; n <= 1_000; n++) workers.refuse({ id: `w${n}`, ...worker }, 'wrong-spec');
  workers.refuse({ id: 'a', ...worker }, 'quarantined');
  const figures = workers.figures();
  expect(figures).toHaveLength(21);
  expect(figures[0]).toMatchObject({ worker: { id: 'a' }, departure: { how: 'quarantined' } });
  expect(figures.at(-1)).toMatchObject({ worker: { id: 'w1000' }, departure: { how: 'refused' } });
});
