import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './card.css';

interface CardProps {
  readonly title: string;
  /** Figures or controls beside the title. */
  readonly aside?: ComponentChildren;
  /** Whether the content extends to the card's edges, for tables. */
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
