import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openEventStream } from './event-stream.js';

const PATIENCE = { timeout: 20_000 };
const times = {
  ...{ firstRetryMs: 5, mostRetryMs: 20, lookMs: 20 },
  ...{ staleMs: 60_000, deadMs: 60_000, sleptMs: 60_000 },
};

/** A coordinator that answers each reader in turn as it is told. */
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
  it('goes on after the last event it heard of when the stream has ended', async () => {
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

  it('asks again after a refusal', async () => {
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

  it('takes silence for a loss', async () => {
    const { url, askedFrom } = await serve(send(': alive\n\n'), send('id: a-1\ndata: one\n\n'));
    const { told } = read(url, { ...times, deadMs: 200 });
    await vi.waitFor(() => expect(told).toContain('a-1 undefined one'), PATIENCE);
    expect(told.slice(0, 3)).toEqual(['opened', 'lost', 'opened']);
    expect(askedFrom[1]).toBe('a-0');
  });

  it('tells of a silence before it gives the connection up, and hears what comes later', async () => {
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

  it('asks no more once it is closed', async () => {
    const { url, askedFrom } = await serve(send(': alive\n\n'), send(''));
    const { told, close } = read(url);
    await vi.waitFor(() => expect(told).toEqual(['opened']), PATIENCE);
    close();
    await new Promise((resolve) => setTimeout(resolve, 4 * times.mostRetryMs));
    expect(askedFrom).toHaveLength(1);
    expect(told).toEqual(['opened']);
  });
});
