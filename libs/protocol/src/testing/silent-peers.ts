import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** Listens, then blocks: nothing accepts a connection. */
const LISTENER = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, server.address().port + '\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** More connections than the kernel completes for a backlog of one. */
const CONNECTIONS = 4;

/**
 * A port whose connection attempts get no reply, not even a refusal, like those of a lost host: the
 * backlog of its listener is full, so that the kernel drops further SYN packets.
 */
export async function startUnansweredPort(): Promise<{ port: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const port = Number(line);
  const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1'));
  for (const socket of sockets) socket.on('error', () => undefined);
  await Promise.race(sockets.map((socket) => once(socket, 'connect')));
  const end = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(end);
  return { port, end };
}

/** A cable to a server: once cut, it forwards nothing in either direction, and closes nothing. */
export async function startCable(target: number): Promise<{ port: number; cut(): void }> {
  const sockets = new Set<Socket>();
  const pipe = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => other.destroy()).pipe(other);
  };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    pipe(near, far);
    pipe(far, near);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  return { port: (server.address() as AddressInfo).port, cut };
}
