import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './tooltip.css';

interface TooltipProps {
  /** A sentence with additional information that is not essential. */
  readonly text: string;
  readonly children: ComponentChildren;
}

/** Explains a word on hover and on focus. */
export function Tooltip({ text, children }: TooltipProps) {
  const id = useId();
  return (
    <span class="explained" tabindex={0} aria-describedby={id}>
      {children}
      <span class="tooltip" role="tooltip" id={id}>
        {text}
      </span>
    </span>
  );
}
