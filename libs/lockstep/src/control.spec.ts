import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { control } from './control.js';
import { resultOf, withoutResult } from './run-result.js';

async function coordinator(
  status: number,
  answer: object,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
      response.writeHead(status).end(JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

it('sends a command to the coordinator', async () => {
  const { url, asked } = await coordinator(200, { state: 'paused' });
  await control(url, '/api/workers/scale', { workers: 3 });
  expect(asked).toEqual(['POST /api/workers/scale {"workers":3}']);
});

it('throws what the coordinator refuses with, by its code', async () => {
  const error = { code: 'cannot-scale', message: 'no scaler', remedy: 'start workers' };
  const { url } = await coordinator(409, { error });
  await expect(control(url, '/api/workers/scale', { workers: 3 })).rejects.toMatchObject(error);
});

it('throws that no coordinator answers', async () => {
  const failing = control('http://127.0.0.1:1', '/api/run/pause', {});
  await expect(failing).rejects.toMatchObject({ code: 'coordinator-unreachable' });
});

it('names the model’s path in the result', () => {
  const figures = {
    ...{ runId: 'r', step: 3, testAccuracy: 0.5, metrics: { accuracy: 0.5 } },
    ...{ weightsSha256: 'ab', seconds: 1 },
  };
  const event = { event: 'run-finished', ...figures, model: '/m' } as Parameters<
    typeof resultOf
  >[0];
  expect(resultOf(event)).toEqual({ ...figures, modelPath: '/m' });
});

it('tells a stopped run from a failed one', () => {
  const stopped = { event: 'state', state: 'stopped', reason: 'by a user' } as const;
  expect(withoutResult(130, undefined, stopped).code).toBe('run-ended');
  expect(withoutResult(1, undefined, undefined).code).toBe('run-failed');
});
