import { EventEmitter } from 'node:events';
import { controlReplyIn, LockstepError, refusalIn, type ControlAction } from '@lockstep/core';
import { expect, it } from 'vitest';
import { ControlRelay, obeyParent } from './control-channel.js';

/** One end of a channel; what it sends is kept. */
class End extends EventEmitter {
  readonly sent: object[] = [];

  send(message: object): boolean {
    this.sent.push(structuredClone(message));
    return true;
  }
}

const pause = { lockstep: 'control', id: 'a', action: 'pause' } as const;

/** The codes with which requests were refused, by id; undefined where one was carried out. */
const answers = ({ sent }: End): readonly (readonly [string, string | undefined])[] =>
  sent.map((message) => {
    const reply = controlReplyIn(message);
    return [reply?.id ?? '', reply && refusalIn(reply)?.code];
  });

it('carries out requests, and says why one was refused', async () => {
  const channel = new End();
  const done: ControlAction[] = [];
  const stop = obeyParent(
    async (action) => {
      if (action.action === 'scale') throw new LockstepError('cannot-scale', 'no scaler');
      done.push(action);
      return Promise.resolve();
    },
    channel as unknown as NodeJS.Process,
  );
  channel.emit('message', pause);
  channel.emit('message', { ...pause, id: 'b', action: 'scale', workers: 2 });
  channel.emit('message', { lockstep: 'addresses' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toMatchObject([{ action: 'pause' }]);
  expect(Object.fromEntries(answers(channel))).toEqual({ a: undefined, b: 'cannot-scale' });
  stop();
  expect(channel.listenerCount('message')).toBe(0);
});

it('passes requests on and replies back, and refuses while there is no coordinator', () => {
  const program = new End();
  const coordinator = new End();
  const relay = new ControlRelay(program as unknown as NodeJS.Process);
  program.emit('message', pause);
  relay.passTo(coordinator);
  program.emit('message', { ...pause, id: 'b' });
  expect(coordinator.sent).toEqual([{ ...pause, id: 'b' }]);
  relay.passBack({ lockstep: 'controlled', id: 'b' });
  program.emit('message', { ...pause, id: 'c' });
  relay.coordinatorGone();
  relay.passBack({ lockstep: 'controlled', id: 'c' });
  expect(answers(program)).toEqual([
    ['a', 'coordinator-unreachable'],
    ['b', undefined],
    ['c', 'coordinator-unreachable'],
  ]);
  relay.close();
});
