import type { ComponentChildren } from 'preact';
import './stat.css';

interface StatProps {
  readonly label: string;
  /** A dash if unknown. */
  readonly value: ComponentChildren;
  readonly unit?: string;
  /** A line below the value, such as a comparison. */
  readonly note?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** A labelled figure, for use in `<dl class="stats">`. */
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
