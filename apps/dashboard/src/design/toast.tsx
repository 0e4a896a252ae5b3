import { signal } from '@preact/signals';
import { CircleAlert, CircleCheck, X } from 'lucide';
import { ApiError } from '../api/fetch-json.js';
import { Button } from './button.js';
import { Icon } from './icon.js';
import { Prose } from './prose.js';
import './toast.css';

interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly title: string;
  readonly text: string;
}

const SHOWN_MS = 6_000;
const shown = signal<readonly Toast[]>([]);
let lastId = 0;

/** Shows a success message in a corner of the page. */
export function notify(title: string, text = ''): void {
  show('good', title, text);
}

/** Shows an error with its cause and remedy. */
export function notifyError(title: string, thrown: unknown): void {
  const { message, remedy } = ApiError.from(thrown);
  show('bad', title, [message, remedy].filter((part) => part !== '').join(': '));
}

/** Runs an action and shows its result or error. */
export async function runAction(title: string, action: () => Promise<string>): Promise<void> {
  try {
    notify(title, await action());
  } catch (error) {
    notifyError(`${title}: refused`, error);
  }
}

function show(tone: Toast['tone'], title: string, text: string): void {
  const id = (lastId += 1);
  shown.value = [...shown.value, { id, tone, title, text }];
  setTimeout(() => dismiss(id), tone === 'bad' ? 2 * SHOWN_MS : SHOWN_MS);
}

function dismiss(id: number): void {
  shown.value = shown.value.filter((toast) => toast.id !== id);
}

/** The container of messages; always present, so that screen readers announce them. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map(({ id, tone, title, text }) => (
        <div key={id} class={`toast ${tone}`}>
          <Icon of={tone === 'good' ? CircleCheck : CircleAlert} size={18} />
          <div>
            <p class="title">{title}</p>
            {text !== '' && (
              <p class="soft">
                <Prose text={text} />
              </p>
            )}
          </div>
          <Button kind="quiet" icon={X} label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
