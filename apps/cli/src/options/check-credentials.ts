import {
  allAtOnce,
  readCa,
  readClientTls,
  readJoinTokens,
  readRoleToken,
  readSecret,
} from '@lockstep/security';
import type { OptionValues } from './resolve-options.js';

/** How each option's file is read, beside those of TLS, which belong together. */
const files: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  joinTokens: readJoinTokens,
  joinTokenFile: (path) => readSecret(path, '--join-token-file'),
  adminTokenFile: (path) => readRoleToken(path, '--admin-token-file'),
  viewerTokenFile: (path) => readRoleToken(path, '--viewer-token-file'),
  tokenFile: (path) => readRoleToken(path, '--token-file'),
  redisCa: (path) => readCa(path, '--redis-ca'),
  redisPasswordFile: (path) => readSecret(path, '--redis-password-file'),
};

/**
 * Reads every file of credentials that the options name, before a command begins: whoever uses one
 * later reads it again, and would stop at the first that is wrong.
 *
 * @throws LockstepError `credentials-unreadable` with a line for each file that is no use
 */
export async function checkCredentials(options: OptionValues): Promise<void> {
  const path = (key: string): string | undefined => options[key] as string | undefined;
  const tls = { certificate: path('tlsCert'), key: path('tlsKey'), ca: path('tlsCa') };
  const others = Object.entries(files).map(async ([key, read]) => {
    const named = path(key);
    if (named !== undefined) await read(named);
  });
  await allAtOnce([readClientTls(tls), ...others]);
}
