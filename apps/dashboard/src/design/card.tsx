import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './card.css';

export interface CardProps {
  readonly title: string;
  /** Beside the title: figures or controls. */
  readonly aside?: ComponentChildren;
  /** Content reaches the card's edges, as a table does. */
  readonly flush?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A titled region. */
export function Card({ title, aside, flush = false, class: name = '', children }: CardProps) {
  const id = useId();
  return (
    <section class={`card ${flush ? 'flush' : ''} ${name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </header>
      <div class="content">{children}</div>
    </section>
  );
}
