import './confusion-matrix.css';

/** A cell of the matrix: true and predicted class. */
export interface Cell {
  readonly label: number;
  readonly predicted: number;
}

interface ConfusionMatrixProps {
  /** [label][predicted] */
  readonly confusion: readonly (readonly number[])[];
  readonly chosen: Cell | undefined;
  readonly onChoose: (cell: Cell | undefined) => void;
}

/**
 * A row for each true class, a column for each predicted class; errors are tinted by their number.
 */
export function ConfusionMatrix({ confusion, chosen, onChoose }: ConfusionMatrixProps) {
  const mostWrong = Math.max(
    1,
    ...confusion.flatMap((row, label) => row.filter((_, predicted) => predicted !== label)),
  );
  return (
    <div class="confusion-scroll" tabindex={0} role="region" aria-label="Confusion matrix">
      <table class="confusion">
        <caption class="soft">
          Rows: true class. Columns: predicted class. Select an error to see its images below.
        </caption>
        <thead>
          <tr>
            <th class="corner" scope="col">
              <span class="visually-hidden">True class</span>
            </th>
            {confusion.map((_, predicted) => (
              <th key={predicted} scope="col">
                <span class="visually-hidden">predicted as </span>
                {predicted}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusion.map((row, label) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {row.map((count, predicted) => (
                <td
                  key={predicted}
                  class={predicted === label ? 'right' : ''}
                  style={{ '--heat': heat(count, label === predicted, mostWrong, row) }}
                >
                  <Count
                    count={count}
                    cell={{ label, predicted }}
                    isChosen={chosen?.label === label && chosen.predicted === predicted}
                    onChoose={onChoose}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The number of a cell; that of an error is a button, which shows its images. */
function Count({
  count,
  cell,
  isChosen,
  onChoose,
}: {
  readonly count: number;
  readonly cell: Cell;
  readonly isChosen: boolean;
  readonly onChoose: (cell: Cell | undefined) => void;
}) {
  const { label, predicted } = cell;
  if (count === 0) return <span class="number none">·</span>;
  if (label === predicted) return <span class="number">{count}</span>;
  return (
    <button
      type="button"
      class="number"
      aria-pressed={isChosen}
      aria-label={`${count} images of ${label} predicted as ${predicted}`}
      onClick={() => onChoose(isChosen ? undefined : cell)}
    >
      {count}
    </button>
  );
}

/**
 * The tint of a cell: correct ones by their share of the row, errors relative to the most frequent
 * one.
 */
function heat(count: number, right: boolean, mostWrong: number, row: readonly number[]): string {
  const whole = row.reduce((sum, each) => sum + each, 0) || 1;
  const share = right ? count / whole : Math.sqrt(count / mostWrong);
  return `${Math.round(100 * share)}%`;
}
