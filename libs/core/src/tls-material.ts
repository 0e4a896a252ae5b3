/** A certificate chain and its key, both PEM. */
export interface TlsIdentity {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** How a server proves who it is, and whom it lets connect. */
export interface ServerTls extends TlsIdentity {
  /** PEM; with it, only clients with a certificate of this authority are let in. */
  readonly clientCa?: Buffer;
}

/** Which servers a client trusts, and how it proves who it is. */
export interface ClientTls {
  /** PEM; the system's authorities where it is absent. */
  readonly ca?: Buffer;
  readonly identity?: TlsIdentity;
}
