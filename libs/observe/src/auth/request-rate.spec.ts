import { Agent, request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../testing/server.js';
import { roleTokens } from '../testing/tokens.js';

/** Sends requests over some connections until one gets this status. @returns how many were sent */
async function sendUntil(status: number, url: string, path: string, method: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  onTestFinished(() => agent.destroy());
  const headers = { authorization: 'Bearer wrong', 'content-length': 0 };
  const send = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { agent, method, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      });
      sent.on('error', reject).end();
    });
  let count = 0;
  for (;;) {
    const statuses = await Promise.all(Array.from({ length: 100 }, send));
    count += statuses.length;
    if (statuses.includes(status) || count > 7_000) return { count, statuses };
  }
}

describe('the limit of requests per address', () => {
  it.each([
    ['with a wrong token', 'GET', '/api/run'],
    ['for a path that does not exist', 'POST', '/nothing'],
  ])(
    'counts requests %s',
    async (_, method, path) => {
      const { roles } = await roleTokens();
      const { url } = await startServer({ access: { roles } });
      const { count, statuses } = await sendUntil(429, url, path, method);
      expect(statuses).toContain(429);
      expect(count).toBeGreaterThan(6_000);
      // A large body is not read before the request is refused.
      const body = 'x'.repeat(15_000);
      const headers = { 'content-type': 'application/json' };
      const { status } = await fetch(`${url}/api/login`, { method: 'POST', headers, body });
      expect(status).toBe(429);
    },
    60_000,
  );
});
