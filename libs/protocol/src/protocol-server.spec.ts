import { once } from 'node:events';
import { connect as connectHttp2, type Settings } from 'node:http2';
import { connect, createServer } from 'node:net';
import { Client, credentials } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LockstepService } from './generated/lockstep/v1/lockstep.js';
import { createProtocolServer, WINDOW_BYTES } from './protocol-server.js';
import { agreeableHandlers, description, startProtocol } from './testing/start-protocol.js';

const start = (address: string): ReturnType<typeof createProtocolServer> =>
  createProtocolServer(agreeableHandlers, { address, maxPayloadBytes: 1 });

describe('the address', () => {
  it('is refused by name if another program uses it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const failure = await start(`127.0.0.1:${port}`).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'port-in-use' });
    expect(String(failure)).toContain(`127.0.0.1:${port}`);
  });

  it.each(['127.0.0.1', 'nonsense:port', '203.0.113.7:0', '127.0.0.1:99999'])(
    'that cannot be bound is refused: %s',
    async (address) => {
      await expect(start(address)).rejects.toMatchObject({ code: 'bad-option' });
    },
  );

  it('with port 0 gets a free port, and reports it', async () => {
    const server = await start('127.0.0.1:0');
    onTestFinished(() => server.close(1_000));
    expect(server.address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
  });
});

describe('close', () => {
  it('is bounded although a call never ends', async () => {
    const { server, client } = await startProtocol({
      describe: () => new Promise(() => undefined),
    });
    const call = client.describe();
    const refused = expect(call).rejects.toMatchObject({ code: 'coordinator-unreachable' });
    await vi.waitFor(() => server.close(100));
    await refused;
  });
});

describe('garbage', () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

  it('as a message of any method gets a reply or an error, and the next call works', async () => {
    const onDefect = vi.fn();
    const { server, client } = await startProtocol(
      { follow: (_request, follower) => follower.end() },
      { onDefect, uploadStallMs: 500 },
    );
    const raw = new Client(server.address, credentials.createInsecure());
    onTestFinished(() => raw.close());
    const methods = fc.constantFrom(...Object.values(LockstepService));
    await fc.assert(
      fc.asyncProperty(methods, fc.array(bytes, { maxLength: 4 }), async (method, messages) => {
        const same = (message: Buffer): Buffer => message;
        await new Promise<void>((resolve) => {
          // A bidirectional call can be used for every kind of method.
          const call = raw.makeBidiStreamRequest(method.path, same, same);
          call.on('error', () => undefined).on('data', () => undefined);
          call.on('status', () => resolve());
          for (const message of messages) call.write(message);
          call.end();
        });
      }),
      { numRuns: 300 },
    );
    expect(await client.describe()).toEqual(description);
    expect(onDefect).not.toHaveBeenCalled();
  });

  it('on the raw TCP port leaves the server running', async () => {
    const { server, client } = await startProtocol();
    const [host, port] = server.address.split(':') as [string, string];
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (garbage, asHttp2) => {
        await new Promise<void>((resolve) => {
          const socket = connect(Number(port), host);
          socket.on('error', () => undefined).on('close', () => resolve());
          socket.on('data', () => undefined);
          socket.end(asHttp2 ? Buffer.concat([preface, garbage]) : garbage);
        });
      }),
      { numRuns: 100 },
    );
    expect(await client.describe()).toEqual(description);
  });
});

it('a worker may send a whole gradient before any of it is acknowledged', async () => {
  const { server } = await startProtocol();
  const session = connectHttp2(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  let window = 0;
  session.on('remoteSettings', ({ initialWindowSize = 0 }: Settings) => {
    window = initialWindowSize;
  });
  while (window < WINDOW_BYTES) await once(session, 'remoteSettings');
  expect(window).toBe(WINDOW_BYTES);
  // The connection's own window is widened by a frame that follows the settings.
  const ping = () => new Promise((resolve) => session.ping(resolve));
  await ping();
  expect(session.state.remoteWindowSize).toBe(WINDOW_BYTES);
});
