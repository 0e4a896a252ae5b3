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
