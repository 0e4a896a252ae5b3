import type { ComponentChildren } from 'preact';
import './badge.css';

export type Tone = 'neutral' | 'accent' | 'good' | 'warn' | 'bad';

interface BadgeProps {
  readonly tone?: Tone;
  /** A dot before the word; it pulses if `live`. */
  readonly dot?: 'still' | 'live';
  readonly children: ComponentChildren;
}

/** A word for a state; the colour only repeats its meaning. */
export function Badge({ tone = 'neutral', dot, children }: BadgeProps) {
  return (
    <span class={`badge ${tone}`}>
      {dot && <span class={`dot ${dot}`} aria-hidden="true" />}
      {children}
    </span>
  );
}
