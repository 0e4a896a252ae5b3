import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { killCoordinator } from './harness/processes.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, startReference } from './harness/train.js';

it('a coordinator is restarted on other ports where another program has taken its own', async () => {
  const sandbox = createSandbox();
  const run = startReference(sandbox, ['--workers', '2', '--steps', '60']);
  const { grpc, http = '' } = await run.event('listening');
  await run.event('step', ({ step }) => step === 2);
  const taken = [grpc, new URL(http).host];
  // Bound as soon as the kernel releases them, long before the next coordinator has started.
  const taking = Promise.all(taken.map((address) => take(address)));
  killCoordinator(sandbox.folder);
  await taking;

  const next = await run.event('listening', (event) => event.grpc !== grpc);
  expect(next.taken).toBe(new URL(http).host);
  expect(next.http).not.toBe(http);
  await run.event('run-started', ({ term }) => term === 2);
  expect(await finished(run)).toBe(await undisturbed());
});

async function undisturbed(): Promise<string> {
  return finished(startReference(createSandbox(), ['--workers', '1', '--steps', '60']));
}

async function take(address: string): Promise<Server> {
  const { hostname: host, port } = new URL(`http://${address}`);
  const server = createServer((socket) => socket.destroy());
  onTestFinished(() => void server.close());
  for (;;) {
    try {
      await once(server.listen(Number(port), host), 'listening');
      return server;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
