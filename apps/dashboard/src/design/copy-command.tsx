import { useSignal } from '@preact/signals';
import { Check, Copy } from 'lucide';
import { Button } from './button.js';
import './copy-command.css';

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
