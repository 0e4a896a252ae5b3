import { effect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { hasEnded } from '../data/run-progress.js';
import { loadSession, session } from '../data/session.js';
import { store } from '../data/store.js';
import { Toasts } from '../design/toast.js';
import './app.css';
import { ConnectionBanner } from './connection-banner.js';
import { CurrentView, currentView } from './current-view.js';
import { Login } from './login.js';
import { Navigation } from './navigation.js';
import { stateNames } from './run-words.js';
import { TopBar } from './top-bar.js';

const RETRY_MS = 2_000;

/** The whole page; only the login form while a login is required. */
export function App() {
  useEffect(loadSessionWithRetry, []);
  const known = session.value;
  if (known?.loginRequired && known.role === null) return <Login />;
  return (
    <>
      <a class="skip" href="#content" onClick={focusContent}>
        Skip to content
      </a>
      <Following />
      <Toasts />
    </>
  );
}

function Following() {
  useEffect(() => store.follow(), []);
  useEffect(followPageMark, []);
  const { state } = store.connection.value;
  const stale = state !== 'opening' && !store.isCurrent.value;
  return (
    <div class={`shell ${stale ? 'stale' : ''}`}>
      <TopBar />
      <Navigation />
      <main id="content" tabindex={-1}>
        <ConnectionBanner />
        <CurrentView />
      </main>
    </div>
  );
}

/** Retries until the coordinator has responded: it may still be starting. @returns stops this */
function loadSessionWithRetry(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = (): void => {
    loadSession().catch(() => (timer = setTimeout(ask, RETRY_MS)));
  };
  ask();
  return () => clearTimeout(timer);
}

/** `#` contains the page's route, so the browser's own jump to an anchor cannot be used. */
function focusContent(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

/**
 * Keeps the title and the icon of the browser's tab up to date with the run's state. @returns stops
 * this
 */
function followPageMark(): () => void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const usual = icon?.href ?? '';
  return effect(() => {
    const view = currentView.value;
    const name = view && view.id !== '' ? `${view.title} · Lockstep` : 'Lockstep';
    document.title = `${statePrefix()}${name}`;
    const shown = store.isCurrent.value || store.connection.value.state === 'opening';
    const wanted = shown ? usual : usual.replace('favicon.svg', 'favicon-stale.svg');
    if (icon && icon.href !== wanted) icon.href = wanted;
  });
}

function statePrefix(): string {
  const run = store.run.value;
  if (!run) return '';
  if (!store.isCurrent.value) return 'Not responding · ';
  return run.state === 'running' || hasEnded(run) || run.state === 'paused'
    ? `${stateNames[run.state]} · `
    : 'Waiting · ';
}
