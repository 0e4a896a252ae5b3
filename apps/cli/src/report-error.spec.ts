import { LockstepError } from '@lockstep/core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { reportError } from './report-error.js';

it('shows a message line by line, without what a terminal would execute', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  const message = 'the ledger counts w\u001b[2J\u009b31m\nsecond line';
  expect(reportError(new LockstepError('runs-differ', message))).toBe(1);
  const [[text]] = write.mock.calls as [[string]];
  expect(text).toContain('w\\u001b[2J\\u009b31m\n');
  expect(text).toContain('\n  second line');
});
