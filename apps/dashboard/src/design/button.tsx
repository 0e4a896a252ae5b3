import { useSignal } from '@preact/signals';
import { Check, Copy, type IconNode } from 'lucide';
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import './button.css';
import './copy-command.css';
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

const SHOWN_MS = 1_500;

/** A command for the terminal, with a button that copies it. */
export function CopyCommand({ text }: { readonly text: string }) {
  const copied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    copied.value = true;
    setTimeout(() => (copied.value = false), SHOWN_MS);
  };
  return (
    <div class="copy-command">
      <code>{text}</code>
      {/* Browsers provide it only to pages from localhost or over HTTPS. */}
      {'clipboard' in navigator && (
        <Button
          kind="quiet"
          icon={copied.value ? Check : Copy}
          label={copied.value ? 'Copied' : 'Copy'}
          onClick={() => void copy()}
        />
      )}
    </div>
  );
}
