import { describe, expect, it, onTestFinished } from 'vitest';
import { ProbeServer } from './probe-server.js';

async function serve(): Promise<{
  probes: ProbeServer;
  get: (path: string) => Promise<{ status: number; text: string }>;
}> {
  const probes = await ProbeServer.start('127.0.0.1:0');
  onTestFinished(() => probes.close());
  const get = async (path: string) => {
    const response = await fetch(probes.url + path);
    return { status: response.status, text: await response.text() };
  };
  return { probes, get };
}

describe('the probes of a worker', () => {
  it('say that it lives from the start, and that it is ready when it takes shards', async () => {
    const { probes, get } = await serve();
    expect(await get('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    expect((await get('/readyz')).status).toBe(503);
    probes.observe({ what: 'ready', version: 5 });
    expect(await get('/readyz?verbose')).toEqual({
      status: 200,
      text: 'it takes shards from version 5 on\n',
    });
    probes.observe({ what: 'disconnected', reason: 'the stream broke' });
    expect(await get('/readyz')).toEqual({ status: 503, text: 'the stream broke\n' });
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/etc/passwd')).status).toBe(404);
  });

  it('count its answers for Prometheus', async () => {
    const { probes, get } = await serve();
    const cost = { computeMs: 40, payloadBytes: 1_000 };
    const place = { step: 1, attempt: 1 };
    probes.observe({ what: 'ready', version: 0 });
    probes.observe({ what: 'contributed', ...place, index: 0, verdict: 'counted', ...cost });
    probes.observe({ what: 'contributed', ...place, index: 1, verdict: 'late', ...cost });
    probes.observe({ what: 'memory', tensors: 42 });
    const { text } = await get('/metrics');
    expect(text).toContain('lockstep_worker_ready 1');
    expect(text).toContain('lockstep_worker_contributions_total{verdict="late"} 1');
    expect(text).toContain('lockstep_worker_sent_bytes_total 2000');
    expect(text).toContain('lockstep_worker_compute_seconds_bucket{le="0.05"} 2');
    expect(text).toContain('lockstep_tensors 42');
    expect(text).toContain('lockstep_process_resident_memory_bytes');
  });

  it('say that their address is taken, or cannot be had', async () => {
    const { probes } = await serve();
    const taken = ProbeServer.start(new URL(probes.url).host);
    await expect(taken).rejects.toMatchObject({ code: 'port-in-use' });
    await expect(ProbeServer.start('203.0.113.1:80')).rejects.toMatchObject({ code: 'bad-option' });
  });
});
