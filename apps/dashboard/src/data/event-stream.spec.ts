import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { judgeSilence, openEventStream } from './event-stream.js';

const PATIENCE = { timeout: 20_000 };
const times = {
  ...{ firstRetryMs: 5, mostRetryMs: 20, lookMs: 20 },
  ...{ staleMs: 60_000, deadMs: 60_000, sleptMs: 60_000 },
};

/** A server that answers the n-th request with the n-th function. */
async function serve(...answers: ((response: ServerResponse) => void)[]) {
  const askedFrom: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const from = request.headers['last-event-id'];
    const answer = answers[askedFrom.length];
    askedFrom.push(typeof from === 'string' ? from : undefined);
    answer?.(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, askedFrom };
}

function read(url: string, given = times) {
  const told: string[] = [];
  const close = openEventStream(
    url,
    'a-0',
    {
      opened: () => told.push('opened'),
      message: ({ id, event, data }) => told.push(`${id} ${event} ${data}`),
      heard: (at) => at !== undefined && told.push(`alive at ${at}`),
      silent: () => told.push('silent'),
      lost: () => told.push('lost'),
    },
    given,
  );
  onTestFinished(close);
  return { told, close };
}

const send = (text: string) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text);
};

describe('openEventStream', () => {
  it('continues after the last received event when the stream has ended', async () => {
    const { url, askedFrom } = await serve(
      (response) => response.writeHead(200).end('id: a-1\ndata: one\n\nid: a-2\ndata: two\n\n'),
      send('id: a-3\nevent: gap\ndata: {}\n\n'),
    );
    const { told } = read(url);
    await vi.waitFor(() => expect(told.at(-1)).toBe('a-3 gap {}'), PATIENCE);
    expect(askedFrom).toEqual(['a-0', 'a-2']);
    expect(told).toEqual([
      ...['opened', 'a-1 undefined one', 'a-2 undefined two', 'lost', 'opened', 'a-3 gap {}'],
    ]);
  });

  it('reconnects after a refusal', async () => {
    const { url } = await serve(
      (response) => response.writeHead(503).end(),
      (response) => response.destroy(),
      send('id: a-1\ndata: one\n\n'),
    );
    const { told } = read(url);
    await vi.waitFor(
      () => expect(told).toEqual(['lost', 'lost', 'opened', 'a-1 undefined one']),
      PATIENCE,
    );
  });

  it('treats silence as a loss', async () => {
    const { url, askedFrom } = await serve(send(': alive\n\n'), send('id: a-1\ndata: one\n\n'));
    const { told } = read(url, { ...times, deadMs: 200 });
    await vi.waitFor(() => expect(told).toContain('a-1 undefined one'), PATIENCE);
    expect(told.slice(0, 3)).toEqual(['opened', 'lost', 'opened']);
    expect(askedFrom[1]).toBe('a-0');
  });

  it('reports a silence before it aborts the connection, and receives later data', async () => {
    const { url, askedFrom } = await serve((response) => {
      send(': alive 5\n\n')(response);
      setTimeout(() => response.write(': alive 9\n\nid: a-1\ndata: one\n\n'), 600);
    });
    const { told } = read(url, { ...times, staleMs: 100 });
    await vi.waitFor(() => expect(told).toContain('a-1 undefined one'), PATIENCE);
    expect(told.slice(0, 5)).toEqual([
      ...['opened', 'alive at 5', 'silent', 'alive at 9', 'a-1 undefined one'],
    ]);
    expect(askedFrom).toEqual(['a-0']);
  });

  it('stops reconnecting once it is closed', async () => {
    const { url, askedFrom } = await serve(send(': alive\n\n'), send(''));
    const { told, close } = read(url);
    await vi.waitFor(() => expect(told).toEqual(['opened']), PATIENCE);
    close();
    await new Promise((resolve) => setTimeout(resolve, 4 * times.mostRetryMs));
    expect(askedFrom).toHaveLength(1);
    expect(told).toEqual(['opened']);
  });
});

const limits = { staleMs: 4_000, deadMs: 25_000, sleptMs: 10_000 };
const after = (silentMs: number, sinceLookMs = 500) =>
  judgeSilence(
    { heardAt: 1_000, lookedAt: 1_000 + silentMs - sinceLookMs },
    1_000 + silentMs,
    limits,
  );

describe('judgeSilence', () => {
  it.each([
    [900, 'none'],
    [4_000, 'none'],
    [4_500, 'stale'],
    [25_500, 'dead'],
  ] as const)('after %d ms: %s', (silentMs, expected) => expect(after(silentMs)).toBe(expected));

  it('does not count the sleep of the machine as silence of the coordinator', () => {
    expect(after(3_600_000, 3_600_000)).toBe('slept');
    expect(after(11_000, 11_000)).toBe('slept');
  });
});
