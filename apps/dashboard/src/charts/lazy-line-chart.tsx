import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { Skeleton } from '../design/index.js';
import type { LineChartProps } from './line-chart.js';

const loaded = signal<ComponentType<LineChartProps> | undefined>(undefined);

/** A chart whose code is loaded after the first view. */
export function LazyLineChart(props: LineChartProps) {
  useEffect(() => {
    void import('./line-chart.js').then(
      ({ LineChart }) => (loaded.value = LineChart),
      () => undefined, // the connection banner reports the loss
    );
  }, []);
  const Chart = loaded.value;
  return Chart ? <Chart {...props} /> : <Skeleton height={270} />;
}
