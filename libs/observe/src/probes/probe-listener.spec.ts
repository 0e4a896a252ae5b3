import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ProbeListener } from './probe-listener.js';

async function start(current: { isLed: boolean; waitingFor: string | undefined }) {
  const probes = await ProbeListener.start('127.0.0.1:0', current);
  onTestFinished(() => probes.close());
  const get = async (path: string) => {
    const response = await fetch(`http://${probes.address}${path}`);
    const body: unknown = await response.json();
    return { status: response.status, body };
  };
  return { probes, get };
}

describe('the listener of probes', () => {
  it('says that the process is alive, and whether it leads a run', async () => {
    const current = { isLed: false, waitingFor: 'Redis' as string | undefined };
    const { get } = await start(current);
    expect(await get('/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await get('/readyz')).toEqual({
      status: 503,
      body: { status: 'not leading', reason: 'Redis' },
    });
    Object.assign(current, { isLed: true, waitingFor: undefined });
    expect(await get('/readyz?verbose')).toEqual({ status: 200, body: { status: 'leading' } });
    expect((await get('/api/run')).status).toBe(404);
  });

  it('has no limit on requests, and answers while silent connections flood it', async () => {
    const { probes, get } = await start({ isLed: true, waitingFor: undefined });
    const port = Number(probes.address.split(':').at(-1));
    for (let n = 0; n < 200; n++) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
    }
    for (let n = 0; n < 50; n++) expect((await get('/healthz')).status).toBe(200);
  });

  it('names an address that is taken', async () => {
    const { probes } = await start({ isLed: true, waitingFor: undefined });
    const again = ProbeListener.start(probes.address, { isLed: true, waitingFor: undefined });
    await expect(again).rejects.toMatchObject({ code: 'port-in-use' });
  });
});
