import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { stepPhases } from '../steps/step-timeline.js';
import { ask, startServer } from '../testing/server.js';
import { RunMetrics } from './metrics.js';
import { startedEvent } from '../testing/started-event.js';

const page = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
const [ofCoordinator = ''] = page.split('## Metrics of a worker process');
const ROW = /^\| `(lockstep_[a-z_]+)`\s+\| (gauge|counter|histogram)\s+\| ([a-z, ]*?)\s*\|/gm;
/** Prometheus's own library brings these. */
const OF_NODE = /^lockstep_(process|nodejs)_/;

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

describe('docs/metrics.md', () => {
  it('names every metric with its type and labels, and no other', () => {
    const { registry } = new RunMetrics();
    const made = (registry.getMetricsAsArray() as unknown as Metric[])
      .filter(({ name }) => !OF_NODE.test(name))
      .map(({ name, type, labelNames = [] }) => [name, type, labelNames.join(', ')]);
    const documented = [...ofCoordinator.matchAll(ROW)].map(([, ...row]) => row);
    expect(documented.map(([name]) => name).sort()).toEqual(made.map(([name]) => name).sort());
    expect(documented).toEqual(expect.arrayContaining(made));
  });
});

describe('metrics', () => {
  it('show connected workers, and none that has left', async () => {
    const { url, run } = await startServer();
    const figures = { rssBytes: 1e8, tensorCount: 18, cpuSeconds: 12.5, log: [] };
    for (const id of ['w1', 'w2']) {
      const heartbeat = { session: 's', version: 0, shard: undefined, ...figures };
      run.join(id, { heartbeat });
    }
    const lines = [
      'lockstep_worker_cpu_seconds_total{worker="w2"} 12.5',
      'lockstep_worker_resident_memory_bytes{worker="w2"} 100000000',
      'lockstep_worker_tensors{worker="w2"} 18',
    ];
    const { body } = await ask(url, '/metrics');
    for (const line of lines) expect(body).toContain(`${line}\n`);
    run.depart('w2', 'lost', 'its connection broke');
    const after = (await ask(url, '/metrics')).body as string;
    expect(after).not.toContain('worker="w2"');
    expect(after).toContain('lockstep_worker_changes_total{change="lost"} 1\n');
  });

  it('count bytes and phases of steps made before the first scrape and after', async () => {
    const { url, run } = await startServer();
    run.timelines.add(1);
    await ask(url, '/metrics');
    run.timelines.add(2);
    const { body } = await ask(url, '/metrics');
    const phases = run.timelines.newest.map(
      (timeline) => stepPhases(timeline)?.phases.compute ?? 0,
    );
    expect(phases).toEqual([20, 20]);
    for (const line of [
      'lockstep_received_bytes_total 200',
      'lockstep_sent_bytes_total 600',
      'lockstep_step_phase_seconds_count{phase="compute"} 2',
      'lockstep_step_phase_seconds_sum{phase="compute"} 0.04',
    ]) {
      expect(body).toContain(`${line}\n`);
    }
  });

  it('count the events of this coordinator only, also after its clock was set back', async () => {
    const now = vi.spyOn(Date, 'now');
    onTestFinished(() => now.mockRestore());
    const { url, emit } = await startServer();
    emit({ event: 'alarm', code: 'disk-full', message: 'of an earlier coordinator' });
    emit(startedEvent);
    now.mockReturnValue(Date.now() - 3_600_000);
    emit({ event: 'alarm', code: 'diverged', message: 'x' });
    for (const n of [1, 2]) {
      const figures = { loss: 1, samplesPerSecond: 1, workers: 1, stepMs: 20 };
      emit({ event: 'step', step: n, ...figures });
    }
    const { body } = await ask(url, '/metrics');
    expect(body).toContain('lockstep_alarms_total{code="disk-full"} 0\n');
    expect(body).toContain('lockstep_alarms_total{code="diverged"} 1\n');
    expect(body).toContain('lockstep_step_seconds_sum 0.04\n');
  });

  it('include Redis and the disk, and start at 0 where an alert needs it', async () => {
    const { url, emit } = await startServer();
    emit({ event: 'alarm', code: 'disk-full', message: 'x' });
    const { body } = await ask(url, '/metrics');
    expect(body).toMatch(/^lockstep_disk_free_bytes [1-9]\d*$/m);
    expect(body).toContain('lockstep_queue_up 1\n');
    expect(body).toContain('lockstep_alarms_total{code="disk-full"} 1\n');
    expect(body).toContain('lockstep_alarms_total{code="diverged"} 0\n');
  });
});
