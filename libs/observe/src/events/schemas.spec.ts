import type { RunEvent } from '@lockstep/core';
import { describe, expectTypeOf, it } from 'vitest';
import type { TimedRunEvent } from './schemas.js';

type Plain<Type> = Type extends unknown ? { -readonly [Field in keyof Type]: Type[Field] } : never;

describe('the schema of the event stream', () => {
  it('is that of the events, each with its time: checked with the types', () => {
    expectTypeOf<Plain<TimedRunEvent>>().toEqualTypeOf<Plain<RunEvent & { at: number }>>();
  });
});
