import { useEffect } from 'preact/hooks';
import { loadSession, session } from '../data/session.js';
import { store } from '../data/store.js';
import { Toasts } from '../design/toast.js';
import './app.css';
import { ConnectionBanner } from './connection-banner.js';
import { CurrentView } from './current-view.js';
import { Login } from './login.js';
import { followPageMark } from './page-mark.js';
import { Navigation } from './navigation.js';
import { TopBar } from './top-bar.js';

const RETRY_MS = 2_000;

/** The whole page; where nobody has logged in and that is asked for, nothing but that. */
export function App() {
  useEffect(askWhoIsThere, []);
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

/** Until the coordinator has answered: it may not be there yet. */
function askWhoIsThere(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = (): void => {
    loadSession().catch(() => (timer = setTimeout(ask, RETRY_MS)));
  };
  ask();
  return () => clearTimeout(timer);
}

/** The address after `#` is the place in the page, so the browser's own jump is of no use. */
function focusContent(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}
