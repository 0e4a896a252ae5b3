import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Makes the metrics of a registry, all named `lockstep_…`. `docs/metrics.md` explains each. */
export interface Series {
  gauge<Label extends string = never>(name: string, help: string, labels?: Label[]): Gauge<Label>;
  counter<Label extends string = never>(
    name: string,
    help: string,
    labels?: Label[],
  ): Counter<Label>;
  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: Label[],
  ): Histogram<Label>;
}

export const PREFIX = 'lockstep_';

export function createSeries(registry: Registry): Series {
  const registers = [registry];
  const named = (name: string): string => `${PREFIX}${name}`;
  return {
    gauge: (name, help, labelNames = []) =>
      new Gauge({ name: named(name), help, labelNames, registers }),
    counter: (name, help, labelNames = []) =>
      new Counter({ name: named(name), help, labelNames, registers }),
    histogram: (name, help, buckets, labelNames = []) =>
      new Histogram({ name: named(name), help, buckets: [...buckets], labelNames, registers }),
  };
}

/** Sets a counter to what was counted elsewhere: it never falls while its label lives. */
export function countTo<Label extends string>(
  counter: Counter<Label>,
  counts: Readonly<Partial<Record<string, number>>>,
  label: Label,
): void {
  counter.reset();
  for (const [name, count = 0] of Object.entries(counts)) {
    counter.inc({ [label]: name } as Record<Label, string>, count);
  }
}
