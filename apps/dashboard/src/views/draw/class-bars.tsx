import './class-bars.css';

interface ClassBarsProps {
  /** Description of the bars for screen readers. */
  readonly label: string;
  /** One per class. */
  readonly values: readonly number[];
  /** The value of a full bar; values may be negative. */
  readonly most: number;
  readonly format: (value: number) => string;
  /** The class to emphasise. */
  readonly best?: number | undefined;
  /** The true class. */
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
            {index === truth && <span class="visually-hidden"> (true class)</span>}
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
