import { signal } from '@preact/signals';
import { CircleAlert, CircleCheck, X } from 'lucide';
import { ApiError } from '../api/api-error.js';
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

/** Says in a corner that something went well. */
export function tell(title: string, text = ''): void {
  show('good', title, text);
}

/** Says why something did not go, and what can be done. */
export function tellError(title: string, thrown: unknown): void {
  const { message, remedy } = ApiError.from(thrown);
  show('bad', title, [message, remedy].filter((part) => part !== '').join(': '));
}

/** Does something for a person and says how it went. */
export async function attempt(title: string, deed: () => Promise<string>): Promise<void> {
  try {
    tell(title, await deed());
  } catch (error) {
    tellError(`${title}: refused`, error);
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

/** Where the messages appear; always there, so that screen readers hear what comes. */
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
