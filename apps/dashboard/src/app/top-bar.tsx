import { LogOut, Monitor, Moon, Sun, type IconNode } from 'lucide';
import { logOut, session } from '../data/session.js';
import { store } from '../data/store.js';
import { Button } from '../design/index.js';
import { formatCount } from '../format/numbers.js';
import { StateBadge } from './state-badge.js';
import { theme, themes, type Theme } from './theme.js';
import './top-bar.css';

const looks: Readonly<Record<Theme, { icon: IconNode; label: string }>> = {
  system: { icon: Monitor, label: 'Theme: system' },
  light: { icon: Sun, label: 'Theme: light' },
  dark: { icon: Moon, label: 'Theme: dark' },
};

/** Always visible: the run, its state and its progress. */
export function TopBar() {
  return (
    <header class="top-bar">
      <a class="brand" href="#/">
        <Mark />
        Lockstep
      </a>
      <RunInShort />
      <div class="end">
        <ThemeButton />
        {session.value?.loginRequired && (
          <Button kind="quiet" icon={LogOut} label="Log out" onClick={() => void logOut()} />
        )}
      </div>
    </header>
  );
}

function RunInShort() {
  const run = store.run.value;
  if (!run) return <div class="run" />;
  return (
    <div class="run">
      <span class="id mono">{run.runId}</span>
      <span role="status" aria-live="polite">
        <StateBadge run={run} />
      </span>
      <span class="steps number soft">
        step {formatCount(run.step)} <span class="faint">/ {formatCount(run.steps)}</span>
      </span>
      <div class="progress" aria-hidden="true">
        <div style={{ scale: `${run.steps === 0 ? 0 : run.step / run.steps} 1` }} />
      </div>
    </div>
  );
}

function ThemeButton() {
  const { icon, label } = looks[theme.value];
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
  return <Button kind="quiet" icon={icon} label={label} onClick={() => (theme.value = next)} />;
}

/** The logo. */
function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--accent-solid)" />
      <g fill="#fff">
        <rect x="7" y="8" width="11" height="4" rx="2" />
        <rect x="7" y="14" width="11" height="4" rx="2" />
        <rect x="7" y="20" width="11" height="4" rx="2" />
        <rect x="21" y="7" width="3" height="18" rx="1.5" opacity=".85" />
      </g>
    </svg>
  );
}
