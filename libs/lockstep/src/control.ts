import { request } from 'node:http';
import { errorCatalogue, LockstepError, type ErrorCode } from '@lockstep/core';

/** A stop is answered once the run is saved. */
const PATIENCE_MS = 90_000;

/**
 * Sends a request to the HTTP API of a run's coordinator, which listens on this machine.
 *
 * @param url of the coordinator, as its event `listening` has it
 * @throws LockstepError what the coordinator refuses with, or `coordinator-unreachable`
 */
export async function control(url: string, path: string, body: object): Promise<void> {
  const { status, text } = await post(new URL(path, url), JSON.stringify(body)).catch(
    (cause: unknown) => {
      throw new LockstepError('coordinator-unreachable', `no coordinator answers at ${url}`, {
        remedy: 'the run may have ended: await its result',
        cause,
      });
    },
  );
  if (status >= 400) throw refusal(text, `${path} was refused with HTTP status ${status}`);
}

/** Without the proxies of the environment, which `fetch` may use: the coordinator is on this machine. */
function post(url: URL, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(url, { method: 'POST', headers, timeout: PATIENCE_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(body);
  });
}

function refusal(text: string, otherwise: string): LockstepError {
  const { code, message, remedy } = errorIn(text);
  const known = typeof code === 'string' && code in errorCatalogue;
  return new LockstepError(
    known ? (code as ErrorCode) : 'bad-request',
    typeof message === 'string' ? message : otherwise,
    typeof remedy === 'string' ? { remedy } : {},
  );
}

function errorIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const { error } = JSON.parse(text) as { error?: Record<string, unknown> };
    return error ?? {};
  } catch {
    return {};
  }
}
