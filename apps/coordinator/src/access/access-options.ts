import { hostOf, isLoopback, LockstepError } from '@lockstep/core';

/** Who may reach a coordinator: paths of files, never what they hold. */
export interface AccessOptions {
  /** PEM; with `tlsKey`, the API is served by HTTPS and workers by TLS. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** PEM; workers need a certificate of this authority. */
  readonly tlsCa?: string | undefined;
  /** The hashes of workers' join tokens. */
  readonly joinTokens?: string | undefined;
  readonly adminTokenFile?: string | undefined;
  readonly viewerTokenFile?: string | undefined;
  /** Listen beyond this machine without TLS and tokens all the same. */
  readonly insecure?: boolean;
  /** The workers are this machine's own, started with the coordinator: they need no credentials. */
  readonly ownWorkers?: boolean;
}

/** What a coordinator listens on, and what guards it. */
export interface Exposure extends AccessOptions {
  readonly grpc: string;
  readonly http?: string;
}

/**
 * Refuses to listen on an address that other machines can reach unless connections are encrypted and
 * callers must present a token; `insecure` overrides this.
 *
 * @throws LockstepError `insecure-address`, naming everything that is missing
 */
export function checkExposure(exposure: Exposure): void {
  if (exposure.insecure === true) return;
  const mistakes = [...mistakesOf(exposure)];
  if (mistakes.length === 0) return;
  throw new LockstepError('insecure-address', mistakes.join('\n'), {
    remedy:
      'make them by `lockstep certs` and `lockstep token` (docs/security.md), listen on 127.0.0.1, ' +
      'or insist by --insecure',
  });
}

function* mistakesOf(exposure: Exposure): Generator<string> {
  const { grpc, http, tlsCert, joinTokens, adminTokenFile, viewerTokenFile } = exposure;
  const open = (flag: string, address: string, lacking: string): string =>
    `--${flag} ${address} can be reached from other machines and has no ${lacking}`;
  if (!isLoopback(hostOf(grpc))) {
    if (exposure.ownWorkers === true) {
      yield `--grpc ${grpc} can be reached from other machines: lead a run for their workers by \`lockstep coordinator\``;
    } else {
      if (tlsCert === undefined) yield open('grpc', grpc, 'TLS: --tls-cert, --tls-key');
      if (joinTokens === undefined) yield open('grpc', grpc, 'join tokens: --join-tokens');
    }
  }
  if (http !== undefined && !isLoopback(hostOf(http))) {
    if (tlsCert === undefined) yield open('http', http, 'TLS: --tls-cert, --tls-key');
    if (adminTokenFile === undefined && viewerTokenFile === undefined) {
      yield open('http', http, 'login: --admin-token-file, --viewer-token-file');
    }
  }
}
