import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from './button.js';
import { Dialog } from './dialog.js';

export interface ConfirmProps {
  readonly title: string;
  /** What will happen, and how to come back from it. */
  readonly children: ComponentChildren;
  /** The deed in a word: `Stop run`. */
  readonly action: string;
  /** Why it cannot be done just now; undefined where it can. */
  readonly refusal?: string | undefined;
  onConfirm(): Promise<void>;
  onClose(): void;
}

/** Asks before something that is not undone by a click. */
export function Confirm({ title, children, action, refusal, onConfirm, onClose }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    await onConfirm();
    onClose();
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose} autofocus>
            Cancel
          </Button>
          <Button
            kind="danger"
            busy={busy}
            disabled={refusal !== undefined}
            title={refusal}
            onClick={() => void confirm()}
          >
            {action}
          </Button>
        </>
      }
    >
      {children}
      {refusal !== undefined && <p role="status">{refusal}</p>}
    </Dialog>
  );
}
