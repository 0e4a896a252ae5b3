import type { ComponentChildren } from 'preact';
import './stat.css';

export interface StatProps {
  readonly label: string;
  /** A dash stands for what is not known. */
  readonly value: ComponentChildren;
  readonly unit?: string;
  /** A line below: what it is compared to, or since when. */
  readonly note?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** One figure with its name. To be put into a `<dl class="stats">`. */
export function Stat({ label, value, unit, note, children }: StatProps) {
  return (
    <div class="stat">
      <dt>{label}</dt>
      <dd class="value number">
        {value}
        {unit !== undefined && <span class="unit"> {unit}</span>}
      </dd>
      {note !== undefined && <dd class="note number">{note}</dd>}
      {children !== undefined && <dd class="picture">{children}</dd>}
    </div>
  );
}
