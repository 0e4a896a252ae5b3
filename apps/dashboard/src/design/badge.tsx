import type { ComponentChildren } from 'preact';
import './badge.css';

export type Tone = 'neutral' | 'accent' | 'good' | 'warn' | 'bad';

export interface BadgeProps {
  readonly tone?: Tone;
  /** A dot before the word; it pulses while something goes on. */
  readonly dot?: 'still' | 'live';
  readonly children: ComponentChildren;
}

/** A word that stands for a state; the colour only repeats what the word says. */
export function Badge({ tone = 'neutral', dot, children }: BadgeProps) {
  return (
    <span class={`badge ${tone}`}>
      {dot && <span class={`dot ${dot}`} aria-hidden="true" />}
      {children}
    </span>
  );
}
