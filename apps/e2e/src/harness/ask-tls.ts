import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions } from 'node:tls';

/** Trusted authority and client certificate, PEM. */
export type Trust = Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>;

/** One HTTPS request. */
export async function askHttps(
  url: string,
  trust: Trust,
  given: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...trust, ...given, agent: false }, (response) => {
      // An event stream has no end.
      if (/event-stream/.test(response.headers['content-type'] ?? '')) response.destroy();
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body }),
        () => resolve({ status: response.statusCode ?? 0, body: '' }),
      );
    });
    asked.on('error', reject).end();
  });
}

/** How a gRPC call ended: its status, and why it was refused where it was. */
export interface CallEnd {
  readonly status: string | undefined;
  readonly refusal: string | undefined;
}

/**
 * Calls RPCs with an empty message each, over one connection.
 *
 * @throws Error when the connection is not taken
 */
export async function callAll(
  url: string,
  trust: Trust,
  paths: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<readonly CallEnd[]> {
  const session = connectHttp2(url, trust);
  const failed = new Promise<never>((_, reject) => session.once('error', reject));
  failed.catch(() => undefined);
  try {
    return await Promise.race([
      Promise.all(
        paths.map((path) => {
          const call = session.request({
            ...{ ':method': 'POST', ':path': path, te: 'trailers' },
            ...{ 'content-type': 'application/grpc', ...headers },
          });
          return new Promise<CallEnd>((resolve, reject) => {
            const hear = (heard: IncomingHttpHeaders): void => {
              if (heard['grpc-status'] === undefined) return;
              const refusal = heard['lockstep-refusal'];
              resolve({
                status: heard['grpc-status'] as string,
                refusal: Array.isArray(refusal) ? refusal[0] : refusal,
              });
            };
            call.on('response', hear).on('trailers', hear).on('error', reject).resume();
            call.end(Buffer.alloc(5));
          });
        }),
      ),
      failed,
    ]);
  } finally {
    session.destroy();
  }
}
