import { useId } from 'preact/hooks';
import './segmented.css';

interface SegmentedProps<Choice extends string> {
  /** Label for screen readers. */
  readonly label: string;
  readonly choices: readonly { readonly value: Choice; readonly text: string }[];
  readonly value: Choice;
  readonly onChoose: (value: Choice) => void;
}

/** A choice between a few visible options. */
export function Segmented<Choice extends string>({
  label,
  choices,
  value,
  onChoose,
}: SegmentedProps<Choice>) {
  const name = useId();
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input
            type="radio"
            name={name}
            checked={choice.value === value}
            onChange={() => onChoose(choice.value)}
          />
          <span>{choice.text}</span>
        </label>
      ))}
    </fieldset>
  );
}
