import { useSignal } from '@preact/signals';
import { Check, Copy } from 'lucide';
import { Button } from './button.js';
import './copy-command.css';

const SHOWN_MS = 1_500;

/** A command to be run elsewhere, with a button that copies it. */
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
      {/* Browsers give it to pages of this machine and of HTTPS only. */}
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
