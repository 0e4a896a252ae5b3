import { effect } from '@preact/signals';
import { hasEnded } from '../data/run-progress.js';
import { store } from '../data/store.js';
import { currentView } from './current-view.js';
import { stateNames } from './state-words.js';

/** Keeps the title and the icon of the browser's tab to how the run stands. @returns ends that */
export function followPageMark(): () => void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const usual = icon?.href ?? '';
  return effect(() => {
    const view = currentView.value;
    const name = view && view.id !== '' ? `${view.title} · Lockstep` : 'Lockstep';
    document.title = `${standing()}${name}`;
    const shown = store.isCurrent.value || store.connection.value.state === 'opening';
    const wanted = shown ? usual : usual.replace('favicon.svg', 'favicon-stale.svg');
    if (icon && icon.href !== wanted) icon.href = wanted;
  });
}

function standing(): string {
  const run = store.run.value;
  if (!run) return '';
  if (!store.isCurrent.value) return 'Not responding · ';
  return run.state === 'running' || hasEnded(run) || run.state === 'paused'
    ? `${stateNames[run.state]} · `
    : 'Waiting · ';
}
