import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WorkerMetrics } from './worker-metrics.js';

const page = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
const [, section = ''] = page.split('## Metrics of a worker process');

it('docs/metrics.md names every metric of a worker with its type, and none that is not there', async () => {
  const text = await new WorkerMetrics().write();
  // Those of any Node process have no row.
  const made = [...text.matchAll(/^# TYPE (lockstep_(?!process|nodejs)\S+) (\S+)$/gm)];
  const documented = [...section.matchAll(/^\| `(lockstep_[a-z_]+)`\s+\| ([a-z]+)/gm)];
  const rows = (found: RegExpExecArray[]) =>
    found.map(([, name, type]) => `${name} ${type}`).sort();
  expect(rows(documented)).toEqual(rows(made));
});
