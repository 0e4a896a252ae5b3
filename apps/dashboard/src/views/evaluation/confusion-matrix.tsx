import './confusion-matrix.css';

/** Images of one class taken for another. */
export interface Cell {
  readonly label: number;
  readonly predicted: number;
}

export interface ConfusionMatrixProps {
  /** [label][predicted] */
  readonly confusion: readonly (readonly number[])[];
  readonly chosen: Cell | undefined;
  onChoose(cell: Cell | undefined): void;
}

/** A row for each class, a column for what it was taken for; mistakes stand out by their number. */
export function ConfusionMatrix({ confusion, chosen, onChoose }: ConfusionMatrixProps) {
  const mostWrong = Math.max(
    1,
    ...confusion.flatMap((row, label) => row.filter((_, predicted) => predicted !== label)),
  );
  const isChosen = (label: number, predicted: number): boolean =>
    chosen?.label === label && chosen.predicted === predicted;
  return (
    <div class="confusion-scroll" tabindex={0} role="region" aria-label="Confusion matrix">
      <table class="confusion">
        <caption class="soft">
          Rows: what the image is. Columns: what the network took it for. Choose a mistake to see
          its images below.
        </caption>
        <thead>
          <tr>
            <th class="corner" scope="col">
              <span class="spoken">Is</span>
            </th>
            {confusion.map((_, predicted) => (
              <th key={predicted} scope="col">
                <span class="spoken">taken for </span>
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
                  {count > 0 && predicted !== label ? (
                    <button
                      type="button"
                      class="number"
                      aria-pressed={isChosen(label, predicted)}
                      aria-label={`${count} images of ${label} taken for ${predicted}`}
                      onClick={() =>
                        onChoose(isChosen(label, predicted) ? undefined : { label, predicted })
                      }
                    >
                      {count}
                    </button>
                  ) : (
                    <span class={`number ${count === 0 ? 'none' : ''}`}>
                      {count === 0 ? '·' : count}
                    </span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How strongly a cell is tinted: right ones by their share of the row, mistakes by the worst one. */
function heat(count: number, right: boolean, mostWrong: number, row: readonly number[]): string {
  const whole = row.reduce((sum, each) => sum + each, 0) || 1;
  const share = right ? count / whole : Math.sqrt(count / mostWrong);
  return `${Math.round(100 * share)}%`;
}
