import type { IconNode } from 'lucide';
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import './button.css';
import { Icon } from './icon.js';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'icon'> {
  readonly kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly icon?: IconNode;
  /** Accessible name of a button with only an icon. */
  readonly label?: string;
  /** Whether the action is in progress. */
  readonly busy?: boolean;
  readonly children?: ComponentChildren;
}

export function Button({
  kind = 'plain',
  icon,
  label,
  busy = false,
  disabled,
  title = label,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={`button ${kind} ${children === undefined ? 'icon-only' : ''}`}
      disabled={disabled === true || busy}
      aria-busy={busy}
      aria-label={label}
      title={title}
    >
      {icon && <Icon of={icon} />}
      {children}
    </button>
  );
}
