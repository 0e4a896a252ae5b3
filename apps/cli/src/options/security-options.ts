import type { OptionEntry } from './option-entry.js';
import { text, onOff } from './schemas.js';

/** How a server, or whoever calls one, proves who it is. */
export const tlsOptions = [
  {
    flag: 'tls-cert',
    value: 'FILE',
    describe: 'its certificate (PEM), to be trusted by the other end',
    schema: text,
  },
  { flag: 'tls-key', value: 'FILE', describe: 'the certificate’s key (PEM)', schema: text },
] as const satisfies readonly OptionEntry[];

/** The authority that the other end's certificate must be of. */
export const tlsCaOption = {
  flag: 'tls-ca',
  value: 'FILE',
  describe: 'authority (PEM) of those to trust: a coordinator’s workers, or the coordinator',
  schema: text,
} as const satisfies OptionEntry;

/** Who may see and steer a run by HTTP. */
export const serveOptions = [
  ...tlsOptions,
  {
    flag: 'admin-token-file',
    value: 'FILE',
    describe: 'token of those who may look and steer (`lockstep token secret`)',
    schema: text,
    defaultText: 'everybody on this machine may',
  },
  {
    flag: 'viewer-token-file',
    value: 'FILE',
    describe: 'token of those who may only look',
    schema: text,
  },
  {
    flag: 'insecure',
    describe: 'listen beyond this machine without TLS and tokens all the same',
    schema: onOff,
    default: false,
  },
] as const satisfies readonly OptionEntry[];

/** Which workers a coordinator lets in. */
export const joinTokensOption = {
  flag: 'join-tokens',
  value: 'FILE',
  describe: 'join tokens that let workers in (`lockstep token create`); read again when it changes',
  schema: text,
} as const satisfies OptionEntry;

/** What a worker shows to its coordinator. */
export const joinOptions = [
  ...tlsOptions,
  tlsCaOption,
  {
    flag: 'join-token-file',
    value: 'FILE',
    describe: 'its join token; read again when it registers anew',
    schema: text,
  },
] as const satisfies readonly OptionEntry[];

/** What a person's command shows to a coordinator's HTTP API. */
export const callOptions = [
  { flag: 'token-file', value: 'FILE', describe: 'the admin’s or viewer’s token', schema: text },
  tlsCaOption,
] as const satisfies readonly OptionEntry[];

/** Every one of them, each once. */
export const securityOptions: readonly OptionEntry[] = [
  ...serveOptions,
  tlsCaOption,
  joinTokensOption,
  ...joinOptions.filter(({ flag }) => flag === 'join-token-file'),
  ...callOptions.filter(({ flag }) => flag === 'token-file'),
];
