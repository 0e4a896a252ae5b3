import { describe, expect, it } from 'vitest';
import { enqueued, run, verdictOf } from '../testing/machine-run.js';

describe('NaN', () => {
  it('from workers of one voice is no proof while another voice could check', () => {
    const r = run();
    r.joinAs('rack-4', 'a', 'b');
    r.joinAs('rack-5', 'c');
    r.open(1);
    r.take('a', 1, 0);
    r.contribute('a', 1, 0, { check: 'not-finite' });
    r.tell({ type: 'worker-gone', worker: 'a', how: 'left', reason: 'its part is done' });
    r.take('b', 1, 0, 2);
    const second = r.contribute('b', 1, 0, { check: 'not-finite', attempt: 2 });
    expect(second.some(({ type }) => type === 'fail')).toBe(false);
    expect(enqueued(second)).toMatchObject([{ attempt: 3, notFor: ['a', 'b'] }]);
    r.take('c', 1, 0, 3);
    const third = r.contribute('c', 1, 0, { check: 'not-finite', attempt: 3 });
    expect(third).toContainEqual(expect.objectContaining({ type: 'fail', code: 'diverged' }));
  });

  it('from two workers of the only voice means that the run has diverged', () => {
    const r = run();
    r.joinAs('rack-4', 'a', 'b', 'c');
    r.open(1);
    r.take('a', 1, 0);
    r.contribute('a', 1, 0, { check: 'not-finite' });
    r.take('b', 1, 0, 2);
    const second = r.contribute('b', 1, 0, { check: 'not-finite', attempt: 2 });
    expect(second).toContainEqual(expect.objectContaining({ type: 'fail', code: 'diverged' }));
  });

  it('twice from one worker is no proof while another could check', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    r.take('a', 1, 0);
    const repeated = [1, 1].map(() => r.contribute('a', 1, 0, { check: 'not-finite' }));
    expect(repeated.flat().some(({ type }) => type === 'fail')).toBe(false);
    r.take('b', 1, 0, 2);
    expect(verdictOf(r.contribute('b', 1, 0, { attempt: 2 }))).toBe('counted');
  });

  it('from the only worker is computed once more by it; a repeated message is no second proof', () => {
    const r = run();
    r.join('a');
    r.open(1);
    r.take('a', 1, 0);
    const first = r.contribute('a', 1, 0, { check: 'not-finite' });
    expect(enqueued(first)).toMatchObject([{ attempt: 2, notFor: [] }]);
    const same = r.contribute('a', 1, 0, { check: 'not-finite' });
    expect(same.some(({ type }) => type === 'fail')).toBe(false);
    r.take('a', 1, 0, 2);
    const second = r.contribute('a', 1, 0, { check: 'not-finite', attempt: 2 });
    expect(second).toContainEqual(expect.objectContaining({ type: 'fail', code: 'diverged' }));
  });

  it('from one worker is refused and asked of another; from two, the run has diverged', () => {
    const r = run();
    r.join('a', 'b');
    r.open(1);
    r.take('a', 1, 0);
    const first = r.contribute('a', 1, 0, { check: 'not-finite' });
    expect(verdictOf(first)).toBe('not-finite');
    expect(enqueued(first)).toMatchObject([{ attempt: 2, notFor: ['a'] }]);
    r.take('b', 1, 0, 2);
    const second = r.contribute('b', 1, 0, { check: 'not-finite', attempt: 2 });
    expect(second).toContainEqual(expect.objectContaining({ type: 'fail', code: 'diverged' }));
  });
});
