import { startOtlpReceiver, type ReceivedSpan } from '@lockstep/tracing/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSandbox } from './harness/sandbox.js';
import { finished, referenceSha256, startReference } from './harness/train.js';

const STEPS = 10;
const SHARDS = 5;

describe('traces', () => {
  it('follow every shard from plan to publish, across Redis and gRPC', async () => {
    const collector = await startOtlpReceiver();
    onTestFinished(() => collector.close());
    const run = startReference(createSandbox(), ['--workers', '2'], {
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
    expect(await finished(run)).toBe(referenceSha256());

    const { spans } = collector;
    const steps = spans.filter(({ name }) => name === 'step');
    expect(steps.map(({ attributes }) => Number(attributes['lockstep.step']))).toEqual(
      Array.from({ length: STEPS }, (_, n) => n + 1),
    );
    for (const step of steps) mustBeWhole(step, spans);
  });

  it('are sampled by complete steps', async () => {
    const collector = await startOtlpReceiver();
    onTestFinished(() => collector.close());
    const run = startReference(createSandbox(), ['--workers', '1'], {
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0',
      },
    });
    await finished(run);
    expect(collector.spans).toEqual([]);
  });
});

/** One trace with every span, each below the right one and recorded by the right process. */
function mustBeWhole(step: ReceivedSpan, all: readonly ReceivedSpan[]): void {
  const trace = all.filter(({ traceId }) => traceId === step.traceId);
  const named = (name: string) => trace.filter((span) => span.name === name);
  const below = (parent: ReceivedSpan, name: string) =>
    named(name).filter(({ parentSpanId }) => parentSpanId === parent.spanId);
  const [coordinator, worker] = ['lockstep-coordinator', 'lockstep-worker'];

  for (const name of ['plan', 'record', 'reduce', 'publish']) {
    expect(below(step, name).map(({ service }) => service)).toEqual([coordinator]);
    expect(named(name)).toHaveLength(1);
  }
  const queued = below(step, 'enqueue');
  const shards = queued.map(({ attributes }) => Number(attributes['lockstep.shard']));
  expect([...new Set(shards)].sort()).toEqual(Array.from({ length: SHARDS }, (_, n) => n));
  // Of a shard that was handed out twice, either attempt may be the one that counts.
  const answered = queued.filter((enqueue) => below(enqueue, 'submit').length > 0);
  expect(answered.length).toBeGreaterThanOrEqual(SHARDS);
  for (const enqueue of answered) {
    for (const name of ['take', 'compute', 'submit']) {
      expect(below(enqueue, name).map(({ service }) => service)).toEqual([worker]);
    }
    const [submit] = below(enqueue, 'submit');
    const [judge] = submit ? below(submit, 'judge') : [];
    expect(judge).toMatchObject({ service: coordinator, failed: false });
    expect(judge?.attributes['lockstep.shard']).toBe(enqueue.attributes['lockstep.shard']);
  }
}
