import { createServer, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EventFeed } from './event-feed.js';
import { defaultStreamLimits, EventStreams } from './event-streams.js';

const event = (code: string, message = '') => ({ event: 'alarm', code, message }) as const;

async function start(limits = defaultStreamLimits, remembered = 1_000) {
  const feed = new EventFeed(() => 36, remembered);
  const streams = new EventStreams(feed, limits);
  const server = createServer((asked, response) => {
    const header = asked.headers['last-event-id'];
    streams.open(response, typeof header === 'string' ? header : undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    streams.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { feed, streams, port };
}

/** Opens a stream and gathers its text. */
async function read(port: number, lastId?: string) {
  const asked = request({ host: '127.0.0.1', port });
  if (lastId !== undefined) asked.setHeader('last-event-id', lastId);
  asked.on('error', () => undefined).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const got = { text: '', ended: false };
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => (got.text += chunk.toString()));
  response.on('close', () => (got.ended = true));
  return { got, response, asked };
}

const codes = (text: string): string[] =>
  [...text.matchAll(/"code":"(\w+)"/g)].map(([, c]) => c ?? '');

describe('EventStreams', () => {
  it('sends events with their ids as they happen, to every reader', async () => {
    const { feed, port } = await start();
    const [one, two] = await Promise.all([read(port), read(port)]);
    feed.push(event('a'));
    feed.push(event('b'));
    await vi.waitFor(() => expect(codes(two.got.text)).toEqual(['a', 'b']));
    await vi.waitFor(() => expect(codes(one.got.text)).toEqual(['a', 'b']));
    expect(one.got.text).toContain(
      'id: 10-1\ndata: {"event":"alarm","code":"a","message":"","at":36}\n\n',
    );
  });

  it('continues after Last-Event-ID without a gap or a repeat', async () => {
    const { feed, port } = await start();
    for (const code of ['a', 'b', 'c']) feed.push(event(code));
    const { got } = await read(port, '10-1');
    feed.push(event('d'));
    await vi.waitFor(() => expect(codes(got.text)).toEqual(['b', 'c', 'd']));
    expect(got.text).not.toContain('event: gap');
  });

  it('sends a gap where events are no longer kept', async () => {
    const { feed, port } = await start(defaultStreamLimits, 2);
    for (let n = 0; n < 9; n++) feed.push(event(`e${n}`));
    const { got } = await read(port, '10-1');
    await vi.waitFor(() => expect(codes(got.text).at(-1)).toBe('e8'));
    expect(got.text.indexOf('event: gap')).toBeLessThan(got.text.indexOf('"code"'));
    expect(got.text).toContain('event: gap');
  });

  it('sends its time repeatedly, in comments', async () => {
    const { port } = await start({ ...defaultStreamLimits, heartbeatMs: 10 });
    const { got } = await read(port);
    await vi.waitFor(() => expect(got.text.split(': alive ').length).toBeGreaterThan(3));
    const [, at] = /^: alive (\d+)\n\n/m.exec(got.text) ?? [];
    expect(Math.abs(Date.now() - Number(at))).toBeLessThan(60_000);
    expect(got.text).not.toMatch(/^(event|data|id):/m);
    expect(defaultStreamLimits.heartbeatMs).toBeLessThanOrEqual(2_000);
  });

  it('disconnects only a reader that does not read', async () => {
    const { feed, streams, port } = await start({
      ...defaultStreamLimits,
      mostQueuedBytes: 65_536,
    });
    const slow = await read(port);
    slow.response.pause();
    slow.response.socket.pause();
    const quick = await read(port);
    await vi.waitFor(() => expect(streams.count).toBe(2));
    const bulk = 'x'.repeat(16_384);
    await vi.waitFor(
      async () => {
        feed.push(event('bulk', bulk));
        await delay(1); // lets the quick reader read
        expect(streams.count).toBe(1);
      },
      { interval: 1, timeout: 20_000 },
    );
    feed.push(event('last'));
    await vi.waitFor(() => expect(codes(quick.got.text).at(-1)).toBe('last'));
  });

  it('forgets a reader that has disconnected, and ends the others on closing', async () => {
    const { streams, port } = await start();
    const gone = await read(port);
    const staying = await read(port);
    gone.asked.destroy();
    await vi.waitFor(() => expect(streams.count).toBe(1));
    streams.close();
    await vi.waitFor(() => expect(staying.got.ended).toBe(true));
  });
});
