import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startTracer } from './start-tracer.js';
import { startOtlpReceiver, type OtlpReceiver } from './testing/otlp-receiver.js';
import { noTracer, within, type Tracer } from './tracer.js';

async function receiver(variables: Readonly<Record<string, string>> = {}): Promise<{
  collector: OtlpReceiver;
  tracer: Tracer;
}> {
  const collector = await startOtlpReceiver();
  onTestFinished(() => collector.close());
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { collector, tracer: await startTracer('lockstep-test') };
}

describe('traces', () => {
  it('go to the collector, each span below its parent, the failed ones as such', async () => {
    const { collector, tracer } = await receiver();
    const step = tracer.begin('step', { 'lockstep.step': 3 });
    const elsewhere = tracer.under(step.parent, 'enqueue');
    const work = within(tracer.under(elsewhere.parent, 'compute'), () =>
      Promise.reject(new Error('out of memory')),
    );
    await expect(work).rejects.toThrow('out of memory');
    elsewhere.end();
    expect(within(tracer.under(step.parent, 'plan'), () => 7)).toBe(7);
    step.end();
    await tracer.close();
    const named = (name: string) => collector.spans.find((span) => span.name === name);
    expect(collector.spans.map(({ name }) => name).sort()).toEqual([
      ...['compute', 'enqueue', 'plan', 'step'],
    ]);
    expect(named('step')).toMatchObject({ service: 'lockstep-test', failed: false });
    expect(named('step')?.attributes).toEqual({ 'lockstep.step': 3 });
    expect(named('step')?.parentSpanId).toBeUndefined();
    expect(named('plan')?.parentSpanId).toBe(named('step')?.spanId);
    expect(named('enqueue')?.parentSpanId).toBe(named('step')?.spanId);
    expect(named('compute')?.parentSpanId).toBe(named('enqueue')?.spanId);
    expect(named('compute')?.failed).toBe(true);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
  });

  it('that the sampler leaves out are left out as a whole', async () => {
    const { collector, tracer } = await receiver({
      ...{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    });
    const step = tracer.begin('step');
    expect(step.parent).toBeUndefined();
    expect(tracer.under(step.parent, 'plan').parent).toBeUndefined();
    await tracer.close();
    expect(collector.spans).toEqual([]);
  });

  it('are not recorded below an invalid parent', async () => {
    const { collector, tracer } = await receiver();
    expect(tracer.under('nonsense', 'judge').parent).toBeUndefined();
    await tracer.close();
    expect(collector.spans).toEqual([]);
  });

  it('go through the proxy of the environment, but not on loopback', async () => {
    const proxy = await startOtlpReceiver();
    onTestFinished(() => proxy.close());
    const variables = { no_proxy: '', NO_PROXY: '', http_proxy: proxy.url, HTTP_PROXY: proxy.url };
    const { collector, tracer } = await receiver(variables);
    tracer.begin('here').end();
    await tracer.close();
    expect(collector.spans.map(({ name }) => name)).toEqual(['here']);
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector.invalid:4318');
    const elsewhere = await startTracer('lockstep-test');
    elsewhere.begin('elsewhere').end();
    await elsewhere.close();
    expect(proxy.spans.map(({ name }) => name)).toEqual(['elsewhere']);
  });

  it('are not recorded unless configured', async () => {
    const off = [
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_SDK_DISABLED: 'true' },
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_TRACES_EXPORTER: 'none' },
    ];
    for (const environment of off)
      expect(await startTracer('x', undefined, environment)).toBe(noTracer);
  });

  it('cause no delay if the collector is unreachable', async () => {
    const { collector, tracer } = await receiver();
    await collector.close();
    tracer.begin('step').end();
    await tracer.close();
  });
});
