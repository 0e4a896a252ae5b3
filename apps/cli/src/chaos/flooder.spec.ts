import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Flooder } from './flooder.js';

async function listening() {
  const accepted = new Set<Socket>();
  const server = createServer((socket) => {
    accepted.add(socket);
    socket
      .resume()
      .on('error', () => undefined)
      .once('close', () => accepted.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { accepted, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

it('a flood keeps silent connections to every address open, and ends by itself', async () => {
  const [one, other] = await Promise.all([listening(), listening()]);
  const flooder = new Flooder(20);
  onTestFinished(() => flooder.release());
  flooder.flood([one.address, other.address], 2.5);
  await expect.poll(() => [one.accepted.size, other.accepted.size]).toEqual([20, 20]);
  for (const socket of [...one.accepted].slice(0, 5)) socket.destroy();
  await expect.poll(() => one.accepted.size).toBe(15);
  await expect.poll(() => one.accepted.size, { timeout: 2_000 }).toBe(20);
  expect([...one.accepted].every(({ bytesRead }) => bytesRead === 0)).toBe(true);
  await expect.poll(() => one.accepted.size + other.accepted.size, { timeout: 5_000 }).toBe(0);
});

it('a flood is over at once when it is released', async () => {
  const { accepted, address } = await listening();
  const flooder = new Flooder(20);
  flooder.flood([address], 600);
  await expect.poll(() => accepted.size).toBe(20);
  flooder.release();
  await expect.poll(() => accepted.size).toBe(0);
});
