import {
  Brain,
  ChartGantt,
  ChartSpline,
  ClipboardCheck,
  Cpu,
  LayoutDashboard,
  ListTodo,
  Pencil,
  Save,
  type IconNode,
} from 'lucide';
import type { ComponentType } from 'preact';
import type { RunReport } from '../api/reply.js';

/** One of the page's views; its code is loaded when it is first opened. */
export interface View {
  /** Its path in the address; '' is the first view. */
  readonly id: string;
  readonly title: string;
  /** The title for a run, where it depends on the data. */
  titleOf?(spec: RunReport['spec']): string;
  /** Whether a run has it; absent: every run. */
  isFor?(spec: RunReport['spec']): boolean;
  readonly icon: IconNode;
  readonly group: 'run' | 'model';
  load(): Promise<ComponentType>;
}

/** In navigation order. */
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
  {
    id: 'workers',
    title: 'Workers',
    icon: Cpu,
    group: 'run',
    load: async () => (await import('../views/workers/workers.js')).Workers,
  },
  {
    id: 'timeline',
    title: 'Timeline',
    icon: ChartGantt,
    group: 'run',
    load: async () => (await import('../views/timeline/timeline.js')).Timeline,
  },
  {
    id: 'faults',
    title: 'Queue and faults',
    icon: ListTodo,
    group: 'run',
    load: async () => (await import('../views/faults/faults.js')).Faults,
  },
  {
    id: 'checkpoints',
    title: 'Checkpoints',
    icon: Save,
    group: 'run',
    load: async () => (await import('../views/checkpoints/checkpoints.js')).Checkpoints,
  },
  {
    id: 'network',
    title: 'Network',
    icon: Brain,
    group: 'model',
    load: async () => (await import('../views/network/network.js')).Network,
  },
  {
    id: 'draw',
    title: 'Draw a picture',
    titleOf: ({ data }) => (data === 'mnist' ? 'Draw a digit' : 'Draw a picture'),
    isFor: ({ inputShape, classes }) => inputShape.length === 3 && classes !== null,
    icon: Pencil,
    group: 'model',
    load: async () => (await import('../views/draw/draw.js')).Draw,
  },
  {
    id: 'evaluation',
    title: 'Evaluation',
    icon: ClipboardCheck,
    group: 'model',
    load: async () => (await import('../views/evaluation/evaluation.js')).Evaluation,
  },
];

export const groupTitles: Readonly<Record<View['group'], string>> = {
  run: 'Run',
  model: 'Model',
};
