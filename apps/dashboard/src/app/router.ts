import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { parsePlace, withParam, writePlace, type Place } from './place.js';

const current = signal<Place>(parsePlace(location.hash));
addEventListener('hashchange', () => (current.value = parsePlace(location.hash)));

/** The current place; all choices of a view are kept in it. */
export const place: ReadonlySignal<Place> = current;

/** The choice of a name, or undefined; follows the address. */
export function paramSignal(name: string): ReadonlySignal<string | undefined> {
  return computed(() => current.value.params.get(name) ?? undefined);
}

/**
 * Sets a choice of the current view in the address, without a new history entry.
 *
 * @param value undefined for the default
 */
export function choose(name: string, value: string | undefined): void {
  const next = withParam(current.peek(), name, value);
  history.replaceState(history.state, '', writePlace(next));
  current.value = next;
}
