import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stepPhases } from '../../timeline/step-phases.js';
import { ask, startSide, type Side } from '../testing/side.js';
import { createRunMetrics } from './metrics.js';

const page = readFileSync(new URL('../../../../../docs/metrics.md', import.meta.url), 'utf8');
const [ofCoordinator = ''] = page.split("## A worker's own");
const ROW = /^\| `(lockstep_[a-z_]+)`\s+\| (gauge|counter|histogram)\s+\| ([a-z, ]*?)\s*\|/gm;
/** Prometheus's own library brings these. */
const OF_NODE = /^lockstep_(process|nodejs)_/;

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

describe('docs/metrics.md', () => {
  it('names every metric with its type and labels, and none that is not there', () => {
    const { registry } = createRunMetrics(0);
    const made = (registry.getMetricsAsArray() as unknown as Metric[])
      .filter(({ name }) => !OF_NODE.test(name))
      .map(({ name, type, labelNames = [] }) => [name, type, labelNames.join(', ')]);
    const documented = [...ofCoordinator.matchAll(ROW)].map(([, ...row]) => row);
    expect(documented.map(([name]) => name).sort()).toEqual(made.map(([name]) => name).sort());
    expect(documented).toEqual(expect.arrayContaining(made));
  });
});

describe('metrics', () => {
  it('show each worker that is there, and none that has gone', async () => {
    const { url, join, roster } = await startSide();
    const figures = { rssBytes: 1e8, tensorCount: 18, cpuSeconds: 12.5, log: [] };
    for (const id of ['w1', 'w2']) {
      const { session } = join(id);
      roster.heard(id, { session, version: 0, shard: undefined, ...figures });
    }
    const lines = [
      'lockstep_worker_cpu_seconds_total{worker="w2"} 12.5',
      'lockstep_worker_resident_memory_bytes{worker="w2"} 100000000',
      'lockstep_worker_tensors{worker="w2"} 18',
    ];
    const { body } = await ask(url, '/metrics');
    for (const line of lines) expect(body).toContain(`${line}\n`);
    roster.gone('w2', 'lost', 'its connection broke');
    const after = (await ask(url, '/metrics')).body as string;
    expect(after).not.toContain('worker="w2"');
    expect(after).toContain('lockstep_worker_changes_total{change="lost"} 1\n');
  });

  it('count bytes and phases of steps made before the first scrape and after', async () => {
    const { url, timelines } = await startSide();
    makeStep(timelines, 1);
    await ask(url, '/metrics');
    makeStep(timelines, 2);
    const { body } = await ask(url, '/metrics');
    const phases = timelines.newest.map((timeline) => stepPhases(timeline)?.phases.compute ?? 0);
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

  it('tell of Redis and the disk, and begin at 0 what an alert waits for', async () => {
    const { url, emit } = await startSide();
    emit({ event: 'alarm', code: 'disk-full', message: 'x' });
    const { body } = await ask(url, '/metrics');
    expect(body).toMatch(/^lockstep_disk_free_bytes [1-9]\d*$/m);
    expect(body).toContain('lockstep_queue_up 1\n');
    expect(body).toContain('lockstep_alarms_total{code="disk-full"} 1\n');
    expect(body).toContain('lockstep_alarms_total{code="diverged"} 0\n');
  });
});

/** A step of one shard, whose worker computed for 20 ms, to two followers. */
function makeStep(timelines: Side['timelines'], step: number): void {
  const shard = { term: 1, step, index: 0, attempt: 1, evaluation: false };
  const timings = {
    ...{ idleMs: 0, waitMs: 0, decodeMs: 0, applyMs: 0 },
    ...{ computeMs: 20, encodeMs: 0, grantMs: 0, takeToSendMs: 20 },
  };
  const totals = { sampleCount: 1, lossSum: 1, correctCount: 1 };
  const header = { session: 's', runId: 'r', shard, sha256: '', timings, ...totals };
  timelines.opened(step);
  timelines.contributed({
    header: { ...header, wire: 'f32' },
    worker: 'w1',
    receipt: { hashMs: 0 },
    checkMs: 0,
    payloadBytes: 100,
  });
  timelines.recorded();
  timelines.reduced(1);
  timelines.published({ encodeMs: 1, bytes: 150, followers: 2 });
  timelines.closed();
}
