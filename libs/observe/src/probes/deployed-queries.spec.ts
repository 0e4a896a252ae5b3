import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RunMetrics } from './metrics.js';

const deploy = new URL('../../../../deploy/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, deploy), 'utf8');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[];
  }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

/** Every name that a query may use; a histogram has three. */
function served(): Set<string> {
  const metrics = new RunMetrics().registry.getMetricsAsArray() as unknown as readonly {
    readonly name: string;
    readonly type: string;
  }[];
  return new Set(
    metrics.flatMap(({ name, type }) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

/** The names of the metrics in a query; throws where it is not PromQL. */
function metricsIn(query: string): string[] {
  const names: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${query}`);
      if (type.name === 'VectorSelector') {
        names.push(/^[a-zA-Z0-9_:]+/.exec(query.slice(from, to))?.[0] ?? '');
      }
    },
  });
  return names;
}

function queries(): [string, string][] {
  const { groups } = parse(read('helm/lockstep/files/rules.yaml')) as Rules;
  const { panels } = JSON.parse(read('helm/lockstep/files/dashboard.json')) as Dashboard;
  return [
    ...groups
      .flatMap(({ rules }) => rules)
      .map(({ alert, expr }): [string, string] => [alert, expr]),
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }): [string, string] => [title, expr]),
    ),
  ];
}

describe('the alert rules and the Grafana dashboard', () => {
  it.each(queries())('%s uses existing metrics', (_name, query) => {
    const known = served();
    // Prometheus itself says what it can scrape.
    const asked = metricsIn(query).filter((name) => name !== 'up');
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it.skipIf(!hasPromtool())('alert when they should, by promtool', () => {
    const test = fileURLToPath(new URL('prometheus/lockstep.rules.test.yaml', deploy));
    expect(execFileSync('promtool', ['test', 'rules', test], { encoding: 'utf8' })).toContain(
      'SUCCESS',
    );
  });
});

function hasPromtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
