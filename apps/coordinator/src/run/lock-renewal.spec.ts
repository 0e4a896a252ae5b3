import { LockstepError } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { mayRenewLater } from './lock-renewal.js';

const systemError = (code: string): Error =>
  Object.assign(new Error(code), { code, syscall: 'open' });
const [early, late] = [2_000, 8_000];

describe('a lock that could not be renewed', () => {
  it.each(['EMFILE', 'ENFILE', 'EIO', 'ESTALE', 'ENOMEM', 'EAGAIN'])(
    'because of %s is renewed later, while no other coordinator can take the run over',
    (code) => {
      expect(mayRenewLater(systemError(code), early)).toBe(true);
      expect(mayRenewLater(LockstepError.fromSystem(systemError(code)), early)).toBe(true);
      expect(mayRenewLater(systemError(code), late)).toBe(false);
    },
  );

  it('because the disk is full is renewed whenever there is room', () => {
    for (const code of ['ENOSPC', 'EDQUOT']) {
      expect(mayRenewLater(systemError(code), 1e9)).toBe(true);
    }
  });

  it('for a lasting reason ends the run', () => {
    for (const error of [systemError('EACCES'), systemError('EFBIG'), new Error('a defect')]) {
      expect(mayRenewLater(error, 0)).toBe(false);
    }
  });
});
