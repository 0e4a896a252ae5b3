import type { MachineEffect, Verdict } from './machine-event.js';
import type { MachineState } from './machine-state.js';

/** The next state, and the effects that the shell must carry out. */
export interface Advance {
  readonly state: MachineState;
  readonly effects: readonly MachineEffect[];
}

export function only(state: MachineState): Advance {
  return { state, effects: [] };
}

export function verdict(name: Verdict, reason: string): MachineEffect {
  return { type: 'verdict', verdict: name, reason };
}

export function refuse(state: MachineState, name: Verdict, reason: string): Advance {
  return { state, effects: [verdict(name, reason)] };
}
