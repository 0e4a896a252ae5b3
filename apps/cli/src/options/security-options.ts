import {
  allAtOnce,
  readCa,
  readClientTls,
  readJoinTokens,
  readRoleToken,
  readSecret,
} from '@lockstep/security';
import { z } from 'zod';
import { option } from './option.js';
import { onOff, text } from './schemas.js';

/** How a process proves to its peers who it is. */
const tlsOptions = {
  tlsCert: option(text.optional(), {
    value: 'FILE',
    describe: 'TLS certificate (PEM) presented to peers',
  }),
  tlsKey: option(text.optional(), { value: 'FILE', describe: 'key of that certificate (PEM)' }),
};

/** The authority that must have signed the peers' certificates. */
export const tlsCaOption = {
  tlsCa: option(text.optional(), {
    value: 'FILE',
    describe: 'CA certificate (PEM) that must have signed the certificates of peers',
  }),
};

/** Who may see and control a run by HTTP. */
export const serveOptions = {
  ...tlsOptions,
  adminTokenFile: option(text.optional(), {
    value: 'FILE',
    describe: 'token that permits viewing and controlling (`lockstep token secret`)',
    defaultText: 'none: every user of this machine may',
  }),
  viewerTokenFile: option(text.optional(), {
    value: 'FILE',
    describe: 'token that permits viewing only',
  }),
  insecure: option(onOff.default(false), {
    describe: 'allow listening beyond this machine without TLS and tokens',
  }),
};

/** Which workers a coordinator admits. */
export const joinTokensOption = {
  joinTokens: option(text.optional(), {
    value: 'FILE',
    describe:
      'join tokens that admit workers (`lockstep token create`); read again when the file changes',
  }),
};

/** What a worker presents to its coordinator. */
export const joinOptions = {
  ...tlsOptions,
  ...tlsCaOption,
  joinTokenFile: option(text.optional(), {
    value: 'FILE',
    describe: 'join token of this worker; read again before it registers again',
  }),
};

/** What a user's command presents to a coordinator's HTTP API. */
export const callOptions = {
  tokenFile: option(text.optional(), {
    value: 'FILE',
    describe: 'token of an admin or a viewer',
  }),
  ...tlsCaOption,
};

/** The options that name files of credentials. */
const credentialFiles = z
  .object({
    ...{ tlsCert: text, tlsKey: text, tlsCa: text, joinTokens: text, joinTokenFile: text },
    ...{ adminTokenFile: text, viewerTokenFile: text, tokenFile: text },
    ...{ redisCa: text, redisPasswordFile: text },
  })
  .partial();

/**
 * Reads every file of credentials that the options name, before a command begins: reading each where
 * it is used would stop at the first that is wrong.
 *
 * @throws LockstepError `credentials-unreadable` with a line for each file that cannot be used
 */
export async function checkCredentials(options: object): Promise<void> {
  const files = credentialFiles.parse(options);
  const tls = { certificate: files.tlsCert, key: files.tlsKey, ca: files.tlsCa };
  const read = <Content>(
    path: string | undefined,
    how: (path: string) => Promise<Content>,
  ): Promise<Content>[] => (path === undefined ? [] : [how(path)]);
  await allAtOnce([
    readClientTls(tls),
    ...read(files.joinTokens, readJoinTokens),
    ...read(files.joinTokenFile, (path) => readSecret(path, '--join-token-file')),
    ...read(files.adminTokenFile, (path) => readRoleToken(path, '--admin-token-file')),
    ...read(files.viewerTokenFile, (path) => readRoleToken(path, '--viewer-token-file')),
    ...read(files.tokenFile, (path) => readRoleToken(path, '--token-file')),
    ...read(files.redisCa, (path) => readCa(path, '--redis-ca')),
    ...read(files.redisPasswordFile, (path) => readSecret(path, '--redis-password-file')),
  ]);
}
