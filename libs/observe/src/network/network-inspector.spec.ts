import { describe, expect, it } from 'vitest';
import { OneAtATime } from './network-inspector.js';

/** A task that ends on request. */
function task() {
  let finish: (result: string) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<string>((resolve, reject) => ([finish, fail] = [resolve, reject]));
  const state = { begun: false };
  const run = (): Promise<string> => {
    state.begun = true;
    return promise;
  };
  return { run, state, finish, fail };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('one at a time', () => {
  it('begins a task when the one before it is done, even if that failed', async () => {
    const turns = new OneAtATime(10);
    const [first, second] = [task(), task()];
    const results = [turns.run(first.run), turns.run(second.run)];
    await turn();
    expect([first.state.begun, second.state.begun]).toEqual([true, false]);
    const failed = expect(results[0]).rejects.toThrow('no');
    first.fail(new Error('no'));
    await failed;
    await turn();
    expect(second.state.begun).toBe(true);
    second.finish('yes');
    expect(await results[1]).toBe('yes');
  });

  it('refuses what would wait too long, and takes more once there is room', async () => {
    const turns = new OneAtATime(2);
    const [first, second] = [task(), task()];
    const results = [turns.run(first.run), turns.run(second.run)];
    await expect(turns.run(() => Promise.resolve('third'))).rejects.toMatchObject({
      code: 'not-ready',
    });
    first.finish('first');
    second.finish('second');
    expect(await Promise.all(results)).toEqual(['first', 'second']);
    expect(await turns.run(() => Promise.resolve('fourth'))).toBe('fourth');
  });
});
