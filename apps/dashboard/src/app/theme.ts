import { effect, signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const KEY = 'lockstep.theme';

/** The look chosen; `system` follows the machine. Remembered by this browser. */
export const theme = signal<Theme>(remembered());

/** Whether dark colours are shown now. */
export const isDark = signal(false);

/** Keeps the document to the theme chosen. To be called once, before anything is drawn. */
export function applyTheme(): void {
  const preference = matchMedia('(prefers-color-scheme: dark)');
  const look = (): void => {
    isDark.value = theme.value === 'dark' || (theme.value === 'system' && preference.matches);
  };
  preference.addEventListener('change', look);
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === 'system') delete dataset['theme'];
    else dataset['theme'] = theme.value;
    remember(theme.value);
    look();
  });
}

function remembered(): Theme {
  try {
    return themes.find((each) => each === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    return 'system'; // a browser that stores nothing
  }
}

function remember(chosen: Theme): void {
  try {
    if (chosen === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
  } catch {
    // It is forgotten with the page.
  }
}
