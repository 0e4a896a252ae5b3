import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from './logger.js';

/** What is written to stderr meanwhile, line by line. */
function stderrLines(): () => Record<string, unknown>[] {
  const written: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  onTestFinished(() => spy.mockRestore());
  return () =>
    written
      .join('')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

describe('the log', () => {
  it('is one JSON object a line, from its level on', () => {
    const lines = stderrLines();
    const log = createLogger('info', { worker: 'w1' });
    log.debug({ step: 1 }, 'queued');
    log.child({ run: 'r' }).info({ step: 1, shard: 2 }, 'contributed');
    expect(lines()).toEqual([
      {
        ...{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/) as string },
        ...{ worker: 'w1', run: 'r', step: 1, shard: 2, msg: 'contributed' },
      },
    ]);
  });

  it('holds no secret, in a field, a text or an error', () => {
    const lines = stderrLines();
    const log = createLogger('info', {});
    const address = 'rediss://user:hunter2@redis:6379';
    log.warn({ password: 'hunter2', headers: { authorization: 'Basic hunter2' } }, address);
    log.error({ err: new Error(`${address} does not answer`) }, 'defect');
    expect(JSON.stringify(lines())).not.toContain('hunter2');
    expect(lines()[0]).toMatchObject({
      password: '***',
      headers: { authorization: '***' },
      msg: 'rediss://user:***@redis:6379',
    });
  });
});
