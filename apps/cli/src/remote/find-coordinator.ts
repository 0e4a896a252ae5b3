import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readCa, readRoleToken } from '@lockstep/security';
import { LockstepError, parseRunAddress, RUN_ADDRESS_FILE, type RunAddress } from '@lockstep/core';
import type { Values } from '../options/option.js';
import type { whereOptions } from '../options/run-options.js';
import type { callOptions } from '../options/security-options.js';
import { CoordinatorClient, type Credentials } from './coordinator-client.js';

type WhereSettings = Values<typeof whereOptions> & Values<typeof callOptions>;

/**
 * The coordinator that a command talks to: at `--http`, else that of `--run`, else that of the newest
 * active run below `--out`.
 *
 * @throws LockstepError `coordinator-unreachable` or `run-not-found`
 */
export async function findCoordinator(options: WhereSettings): Promise<CoordinatorClient> {
  const { http, out, run } = options;
  // Port 0 in a config file is the coordinator's, which picks a free one: it is no address to call.
  const credentials = await readCredentials(options);
  if (run === undefined && http !== undefined && !http.endsWith(':0')) {
    const scheme = credentials.ca === undefined ? 'http' : 'https';
    return new CoordinatorClient(http.includes('://') ? http : `${scheme}://${http}`, credentials);
  }
  const connect = (url: string) => new CoordinatorClient(url, credentials);
  return run === undefined ? newest(out, connect) : leaderOf(out, run, connect);
}

type Connect = (url: string) => CoordinatorClient;

async function readCredentials({ tokenFile, tlsCa: ca }: WhereSettings): Promise<Credentials> {
  return {
    ...(tokenFile === undefined ? {} : { token: await readRoleToken(tokenFile, '--token-file') }),
    ...(ca === undefined ? {} : { ca: await readCa(ca) }),
  };
}

async function leaderOf(out: string, run: string, connect: Connect): Promise<CoordinatorClient> {
  const folders = [join(out, run), run];
  for (const folder of folders) {
    const address = await readAddress(folder);
    if (address) return clientFor(address, connect);
  }
  const known = (await Promise.all(folders.map(isRun))).some(Boolean);
  if (!known) {
    throw new LockstepError('run-not-found', `there is no run ${run} in ${out}`, {
      remedy: `see the folder ${out} for the ids of its runs`,
    });
  }
  throw new LockstepError('coordinator-unreachable', `run ${basename(run)} is not active`, {
    remedy: `resume it with \`lockstep train --resume ${basename(run)}\`, if it has not finished`,
  });
}

/** Runs are named after their start time, so the last name is the newest. */
async function newest(out: string, connect: Connect): Promise<CoordinatorClient> {
  const names = await readdir(out).catch(() => []);
  for (const name of names.sort().reverse()) {
    const address = await readAddress(join(out, name));
    if (!address?.http) continue;
    const client = connect(address.http);
    // A killed coordinator leaves its address behind, where another process may listen by now.
    const { runId } = await client.run().catch((error: unknown) => {
      if (isGuarded(error)) throw error;
      return { runId: undefined };
    });
    if (runId === address.runId) return client;
  }
  throw new LockstepError('coordinator-unreachable', `no active run found in ${out}/`, {
    remedy: 'start one with `lockstep train`, or give --http HOST:PORT of a coordinator elsewhere',
  });
}

/** A coordinator answered, but refused this command's credentials or has an untrusted certificate. */
function isGuarded(error: unknown): boolean {
  return ['login-required', 'certificate-refused'].includes(LockstepError.from(error).code);
}

async function clientFor(
  { http, runId, host, pid }: RunAddress,
  connect: Connect,
): Promise<CoordinatorClient> {
  if (http === undefined) {
    throw new LockstepError('coordinator-unreachable', `run ${runId} serves no HTTP API`, {
      remedy: 'start its coordinator with --http HOST:PORT',
    });
  }
  const client = connect(http);
  const { runId: found } = await client.run().catch((cause: unknown) => {
    if (isGuarded(cause)) throw cause;
    throw new LockstepError(
      'coordinator-unreachable',
      `the coordinator of run ${runId} (process ${pid} on ${host}) does not respond at ${http}`,
      { remedy: `if it is dead, resume the run with \`lockstep train --resume ${runId}\``, cause },
    );
  });
  if (found === runId) return client;
  throw new LockstepError(
    'coordinator-unreachable',
    `the coordinator at ${http} leads run ${found}, not ${runId}`,
    {
      remedy: `give --run ${found}, or resume ${runId} with --resume`,
    },
  );
}

async function readAddress(folder: string): Promise<RunAddress | undefined> {
  const content = await readFile(join(folder, RUN_ADDRESS_FILE), 'utf8').catch(() => undefined);
  return content === undefined ? undefined : parseRunAddress(content);
}

async function isRun(folder: string): Promise<boolean> {
  const names: string[] = await readdir(folder).catch(() => []);
  return names.includes('spec.json');
}
