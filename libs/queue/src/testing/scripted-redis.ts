import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { freePort } from './redis-server.js';

/** A proxy in front of a Redis that can answer every command with an error instead. */
export interface ScriptedRedis {
  readonly url: string;
  /** From now on every command is answered with this error; undefined: passed on. */
  answer(error: string | undefined): void;
  /** How many commands were answered with an error. */
  readonly refused: number;
}

/** Starts it in front of the Redis at a port of this machine. */
export async function startScriptedRedis(behind: number): Promise<ScriptedRedis> {
  let error: string | undefined;
  let refused = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    const redis = keep(connect(behind, '127.0.0.1'));
    redis.on('data', (chunk) => client.write(chunk)).on('close', () => client.destroy());
    client.on('close', () => redis.destroy());
    client.on('data', (chunk) => {
      if (error === undefined) return redis.write(chunk);
      // Each command begins with its number of words, `*N`, on a line of its own.
      const commands = chunk.toString('latin1').match(/^\*\d+\r$/gm) ?? [];
      refused += commands.length;
      return client.write(commands.map(() => `-${error}\r\n`).join(''));
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    answer: (next) => (error = next),
    get refused() {
      return refused;
    },
  };
}
