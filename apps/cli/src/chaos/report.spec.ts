import type { RunSpec } from '@lockstep/core';
import { planStep } from '@lockstep/data';
import { describe, expect, it } from 'vitest';
import { parsePlan } from './plan.js';
import { chaosReport, type ChaosFacts, type TrainingFacts } from './report.js';
import { reportText } from './report-text.js';

const spec = { steps: 3, batch: 10, shardSize: 5 } as RunSpec;

const ledgerOf = (hash: string): TrainingFacts['ledger'] =>
  [1, 2, 3].map((step) => ({
    ...{ step, term: 1, loss: 1 },
    shards: planStep(spec, step).map(({ index, sampleCount }) => ({
      ...{ index, sampleCount, worker: 'w', attempt: 1, sha256: hash },
    })),
  }));

const training = (changes: Partial<TrainingFacts> = {}): TrainingFacts => ({
  ...{ runId: 'r', weightsSha256: 'abc', ended: 0, said: [], spec, ledger: ledgerOf('x') },
  arrivals: [1, 2, 3].map((step) => ({ step, at: 1_000 * step })),
  ...changes,
});

const { plan } = parsePlan('at 0.5s kill-worker; at 99% scale 2');

const facts = (disturbed: Partial<TrainingFacts>): ChaosFacts => ({
  ...{ seed: 4, plan, left: plan.slice(1), undisturbed: training() },
  acts: [{ at: 1_500, step: 1, fault: { kind: 'kill-worker' }, target: 'worker-1 (pid 5)' }],
  disturbed: training(disturbed),
});

describe('the report', () => {
  it('finds nothing where weights and ledger agree', () => {
    const report = chaosReport(facts({}));
    expect(report).toMatchObject({
      ...{ event: 'chaos', equal: true, findings: [], seed: 4 },
      plan: 'at 0.5s kill-worker; at 99% scale 2',
      left: 'at 99% scale 2',
      undisturbed: { seconds: 2, stepMs: { count: 2, p50: 1_000, max: 1_000 } },
      ledger: { samples: 30, samplesLost: 0, samplesDoubled: 0 },
      impacts: [{ kind: 'kill-worker', acts: 1, extraMs: { max: 0 } }],
      acts: [{ seconds: 0.5, step: 1, fault: 'kill-worker', target: 'worker-1 (pid 5)' }],
    });
    const text = reportText(report);
    expect(text).toContain('equal, bit for bit');
    expect(text).toContain('of 30 samples 0 lost, 0 counted more than once');
    expect(text).toContain('the run was over before: at 99% scale 2');
  });

  it.each<[string, Partial<TrainingFacts>, RegExp[]]>([
    ['other weights', { weightsSha256: 'def' }, [/weights are not equal: abc and def/]],
    [
      'other gradients that led to them',
      { weightsSha256: 'def', ledger: ledgerOf('y') },
      [/weights/, /ledgers differ from step 1/],
    ],
    [
      'a step that did not count',
      { ledger: ledgerOf('x').slice(0, 2) },
      [/differ from step 3/, /10 samples were lost/],
    ],
    [
      'a step that counted twice',
      { ledger: [...ledgerOf('x'), ...ledgerOf('x').slice(2)] },
      [/differ from step 4/, /10 samples counted more than once/],
    ],
    [
      'a damaged ledger',
      { ledgerDamage: 'line 2 is damaged' },
      [/ledger of the disturbed .*line 2/],
    ],
    [
      'a training that failed',
      { ended: 1, said: ['no worker could be kept alive'] },
      [/disturbed training ended with 1: no worker could be kept alive/],
    ],
  ])('finds %s', (_, disturbed, patterns) => {
    const report = chaosReport(facts(disturbed));
    expect(report.equal).toBe(false);
    expect(report.findings).toHaveLength(patterns.length);
    patterns.forEach((pattern, i) => expect(report.findings[i]).toMatch(pattern));
    expect(reportText(report)).toContain('not equal');
  });

  it('takes two trainings for no proof where nothing was disturbed', () => {
    const report = chaosReport({ ...facts({}), acts: [], left: plan });
    expect(report.equal).toBe(false);
    expect(report.findings).toEqual([expect.stringContaining('no fault was injected')]);
  });

  it('takes two trainings without weights for no proof', () => {
    const { weightsSha256: _, ...without } = training();
    const report = chaosReport({ ...facts({}), undisturbed: without, disturbed: without });
    expect(report.findings).toEqual(['the weights are not equal: none and none']);
  });
});
