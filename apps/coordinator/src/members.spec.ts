import { expect, it } from 'vitest';
import { createMembers } from './members.js';

it('says when nobody belongs to the run any more', async () => {
  const members = createMembers();
  await members.emptied();
  const worker = { host: 'h', pid: 1, backend: 'native', local: true };
  members.add({ id: 'a', ...worker }, 0);
  members.add({ id: 'b', ...worker }, 0);
  let emptied = false;
  const waiting = members.emptied().then(() => (emptied = true));
  members.remove('a');
  await Promise.resolve();
  expect(emptied).toBe(false);
  members.remove('b');
  await waiting;
});
