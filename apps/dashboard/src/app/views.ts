import { ChartSpline, LayoutDashboard, type IconNode } from 'lucide';
import type { ComponentType } from 'preact';

/** One of the page's views; its code is loaded when it is first looked at. */
export interface View {
  /** What stands in the address; '' is the first view. */
  readonly id: string;
  readonly title: string;
  readonly icon: IconNode;
  readonly group: 'run' | 'model';
  load(): Promise<ComponentType>;
}

/** In the order of the navigation. */
export const views: readonly View[] = [
  {
    id: '',
    title: 'Overview',
    icon: LayoutDashboard,
    group: 'run',
    load: async () => (await import('../views/overview/overview.js')).Overview,
  },
  {
    id: 'curves',
    title: 'Curves',
    icon: ChartSpline,
    group: 'run',
    load: async () => (await import('../views/curves/curves.js')).Curves,
  },
];

export const groupTitles: Readonly<Record<View['group'], string>> = {
  run: 'Run',
  model: 'Model',
};
