import type { Phase } from './step-spans.js';

export interface PhaseWords {
  readonly phase: Phase;
  /** A custom property. */
  readonly color: string;
  readonly meaning: string;
}

/** In the order of a gradient's way. */
export const phaseWords: readonly PhaseWords[] = [
  { phase: 'queue', color: '--series-6', meaning: 'the job goes through Redis to an idle worker' },
  { phase: 'wait', color: '--line-strong', meaning: 'waiting for a busy process' },
  { phase: 'apply', color: '--series-3', meaning: 'the worker applies the previous update' },
  { phase: 'compute', color: '--series-1', meaning: 'the gradient is computed' },
  { phase: 'encode', color: '--series-7', meaning: 'gradient and update are written and hashed' },
  { phase: 'wire', color: '--series-2', meaning: 'bytes travel, up and down' },
  { phase: 'decode', color: '--series-4', meaning: 'what came is checked, at both ends' },
  { phase: 'commit', color: '--series-8', meaning: 'judging, the ledger, the events' },
  { phase: 'reduce', color: '--series-5', meaning: 'the gradients are summed in shard order' },
];

/** A phase's colour as CSS. */
export function phaseColor(phase: Phase): string {
  const words = phaseWords.find((each) => each.phase === phase);
  return `var(${words?.color ?? '--line-strong'})`;
}
