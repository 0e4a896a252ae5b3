import { effect, signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const KEY = 'lockstep.theme';

/** The chosen theme; `system` follows the operating system. Stored in this browser. */
export const theme = signal<Theme>(remembered());

/** Whether dark colours are in use. */
export const isDark = signal(false);

/** Applies the chosen theme to the document. Call once, before the first rendering. */
export function applyTheme(): void {
  const preference = matchMedia('(prefers-color-scheme: dark)');
  const update = (): void => {
    isDark.value = theme.value === 'dark' || (theme.value === 'system' && preference.matches);
  };
  preference.addEventListener('change', update);
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === 'system') delete dataset['theme'];
    else dataset['theme'] = theme.value;
    remember(theme.value);
    update();
  });
}

function remembered(): Theme {
  try {
    return themes.find((each) => each === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    return 'system'; // storage is disabled
  }
}

function remember(chosen: Theme): void {
  try {
    if (chosen === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
  } catch {
    // Storage is disabled: the choice lasts as long as the page.
  }
}
