import type { IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { Icon } from './icon.js';
import './placeholder.css';

interface EmptyStateProps {
  readonly icon: IconNode;
  readonly title: string;
  /** Why there is no content, and how to get some. */
  readonly children?: ComponentChildren;
}

/** Shown instead of missing content. */
export function EmptyState({ icon, title, children }: EmptyStateProps) {
  return (
    <div class="empty-state">
      <Icon of={icon} size={22} />
      <p class="title">{title}</p>
      {children !== undefined && <div class="soft">{children}</div>}
    </div>
  );
}

/** Shown while content is loading. */
export function Skeleton({ height = 16 }: { readonly height?: number }) {
  return <div class="skeleton" style={{ height: `${height}px` }} aria-hidden="true" />;
}
