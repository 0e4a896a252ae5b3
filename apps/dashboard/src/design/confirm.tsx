import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from './button.js';
import { Dialog } from './dialog.js';

interface ConfirmProps {
  readonly title: string;
  /** What will happen, and how to undo it. */
  readonly children: ComponentChildren;
  /** Label of the confirming button: `Stop run`. */
  readonly action: string;
  /** Why the action is not possible now; undefined if it is. */
  readonly refusal?: string | undefined;
  onConfirm(): Promise<void>;
  onClose(): void;
}

/** Asks for confirmation of an action that is not easily undone. */
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
