import './class-bars.css';

export interface ClassBarsProps {
  /** What the bars stand for, for screen readers. */
  readonly label: string;
  /** One per class. */
  readonly values: readonly number[];
  /** What a full bar is; values may be below zero too. */
  readonly most: number;
  readonly format: (value: number) => string;
  /** The class to stress. */
  readonly best?: number | undefined;
  /** The class that it really is. */
  readonly truth?: number | undefined;
}

/** One bar for each class. */
export function ClassBars({ label, values, most, format, best, truth }: ClassBarsProps) {
  const signed = values.some((value) => value < 0);
  return (
    <ol class={`class-bars ${signed ? 'signed' : ''}`} aria-label={label}>
      {values.map((value, index) => (
        <li key={index} class={index === best ? 'best' : ''}>
          <span class="name number">
            {index}
            {index === truth && <span class="spoken"> (its label)</span>}
          </span>
          <span class={`track ${index === truth ? 'truth' : ''}`} aria-hidden="true">
            <span
              class={`bar ${value < 0 ? 'below' : ''}`}
              style={{
                width: `${(100 * Math.min(1, Math.abs(value) / most)) / (signed ? 2 : 1)}%`,
              }}
            />
          </span>
          <span class="value number">{format(value)}</span>
        </li>
      ))}
    </ol>
  );
}
