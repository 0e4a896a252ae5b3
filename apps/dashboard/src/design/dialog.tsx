import { X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Button } from './button.js';
import './dialog.css';

interface DialogProps {
  readonly title: string;
  /** `drawer` slides in from the side and is tall. */
  readonly form?: 'box' | 'drawer';
  /** Buttons at the end. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
  /** Called on Escape, the close button, or a click outside. */
  readonly onClose: () => void;
}

/** A modal dialog, shown while mounted: the browser keeps the focus in it and restores it. */
export function Dialog({ title, form = 'box', actions, children, onClose }: DialogProps) {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={`dialog ${form}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div class="inner">
        <header>
          <h2 id={id}>{title}</h2>
          <Button kind="quiet" icon={X} label="Close" onClick={onClose} />
        </header>
        <div class="body">{children}</div>
        {actions !== undefined && <footer>{actions}</footer>}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  /** What will happen, and how to undo it. */
  readonly children: ComponentChildren;
  /** Label of the confirming button: `Stop run`. */
  readonly action: string;
  /** Why the action is not possible now; undefined if it is. */
  readonly refusal?: string | undefined;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
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
