import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpListener, type HttpApp } from './http-listener.js';

const app: HttpApp = {
  handle: (_request, response) => void response.end('here'),
  close: () => Promise.resolve(),
};

async function start(load: () => Promise<HttpApp>, address = '127.0.0.1:0') {
  const server = await HttpListener.start(address, load);
  onTestFinished(() => server.close(100));
  return server;
}

describe('HttpListener', () => {
  it('moves to a free port where that is allowed and the requested one is taken', async () => {
    const first = await start(() => Promise.resolve(app));
    const address = new URL(first.url).host;
    const second = await HttpListener.start(address, () => Promise.resolve(app), { mayMove: true });
    onTestFinished(() => second.close(100));
    expect(first.taken).toBeUndefined();
    expect(second.taken).toBe(address);
    expect(second.url).not.toBe(first.url);
    expect(await (await fetch(second.url)).text()).toBe('here');
    const refused = HttpListener.start(address, () => Promise.resolve(app));
    await expect(refused).rejects.toMatchObject({ code: 'port-in-use' });
  });

  it('loads the app with the first request, once', async () => {
    let loads = 0;
    const server = await start(() => {
      loads += 1;
      return Promise.resolve(app);
    });
    expect(loads).toBe(0);
    const responses = await Promise.all([1, 2, 3].map(() => fetch(server.url)));
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(
      Array(3).fill('here'),
    );
    expect(loads).toBe(1);
  });

  it('names an address that is taken, and an invalid one', async () => {
    const { url } = await start(() => Promise.resolve(app));
    await expect(
      HttpListener.start(new URL(url).host, () => Promise.resolve(app)),
    ).rejects.toMatchObject({ code: 'port-in-use', exitCode: 2 });
    for (const address of ['203.0.113.7:80', 'no.such.host.invalid:80', 'x', '127.0.0.1:70000']) {
      await expect(HttpListener.start(address, () => Promise.resolve(app))).rejects.toMatchObject({
        code: 'bad-option',
      });
    }
  });

  it('responds to garbage with 400 and keeps serving', async () => {
    const { url } = await start(() => Promise.resolve(app));
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('\u0000\u0001 no http\r\n\r\n');
    const [response] = (await once(socket, 'data')) as [Buffer];
    expect(response.toString()).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(url)).status).toBe(200);
  });

  it('closes while a client keeps its connection and another never completes its request', async () => {
    const server = await HttpListener.start('127.0.0.1:0', () => Promise.resolve(app));
    await (await fetch(server.url)).text();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n1');
    await once(socket, 'connect');
    await server.close(50);
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
