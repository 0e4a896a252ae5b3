import type { IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { Icon } from './icon.js';
import './placeholder.css';

export interface EmptyStateProps {
  readonly icon: IconNode;
  readonly title: string;
  /** Why there is nothing, and what would bring something. */
  readonly children?: ComponentChildren;
}

/** Stands where there is nothing to show yet. */
export function EmptyState({ icon, title, children }: EmptyStateProps) {
  return (
    <div class="empty-state">
      <Icon of={icon} size={22} />
      <p class="title">{title}</p>
      {children !== undefined && <div class="soft">{children}</div>}
    </div>
  );
}

/** Stands where something is about to be. */
export function Skeleton({ height = 16 }: { readonly height?: number }) {
  return <div class="skeleton" style={{ height: `${height}px` }} aria-hidden="true" />;
}
