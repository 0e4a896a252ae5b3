import type { HeartEffect, Verdict } from './heart-event.js';
import type { HeartState } from './heart-state.js';

/** A state and what the shell must do to make it true. */
export interface Advance {
  readonly state: HeartState;
  readonly effects: readonly HeartEffect[];
}

export function only(state: HeartState): Advance {
  return { state, effects: [] };
}

export function verdict(name: Verdict, reason: string): HeartEffect {
  return { type: 'verdict', verdict: name, reason };
}

export function refuse(state: HeartState, name: Verdict, reason: string): Advance {
  return { state, effects: [verdict(name, reason)] };
}
