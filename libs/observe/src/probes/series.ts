import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export const PREFIX = 'lockstep_';

/** Makes the metrics of a registry, all named `lockstep_…`. `docs/metrics.md` explains each. */
export class Series {
  readonly #registers: Registry[];

  constructor(registry: Registry) {
    this.#registers = [registry];
  }

  gauge<Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Gauge<Label> {
    return new Gauge({ name: PREFIX + name, help, labelNames, registers: this.#registers });
  }

  counter<Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Counter<Label> {
    return new Counter({ name: PREFIX + name, help, labelNames, registers: this.#registers });
  }

  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: Label[] = [],
  ): Histogram<Label> {
    const options = { name: PREFIX + name, help, labelNames, registers: this.#registers };
    return new Histogram({ ...options, buckets: [...buckets] });
  }
}

/** Sets a counter to counts kept elsewhere, which never fall while their label exists. */
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
