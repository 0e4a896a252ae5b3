import { describe, expect, it } from 'vitest';
import { drainOutcome } from './drain-dialog.js';

describe('drainOutcome', () => {
  it('promises no replacement where none is started', () => {
    expect(drainOutcome({ kind: 'local', target: null })).toMatch(/^It is not replaced/);
    const target = 'deployment/lockstep-worker';
    expect(drainOutcome({ kind: 'kubernetes', target })).toContain(
      'deployment/lockstep-worker, the target is scaled down by one',
    );
    expect(drainOutcome(null)).toMatch(/^Lockstep starts no replacement/);
  });
});
