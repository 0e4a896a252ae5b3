import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { parsePlace, withParam, writePlace, type Place } from './place.js';

const current = signal<Place>(parsePlace(location.hash));
addEventListener('hashchange', () => (current.value = parsePlace(location.hash)));

/** Where the person is now; everything that can be chosen in a view is kept in it. */
export const place: ReadonlySignal<Place> = current;

/** What is chosen under a name, or undefined; follows the address. */
export function paramSignal(name: string): ReadonlySignal<string | undefined> {
  return computed(() => current.value.params.get(name) ?? undefined);
}

/**
 * Chooses something in the view that is shown: the address follows, and the way back stays short.
 *
 * @param value undefined for what is chosen by default
 */
export function choose(name: string, value: string | undefined): void {
  const next = withParam(current.peek(), name, value);
  history.replaceState(history.state, '', writePlace(next));
  current.value = next;
}
