import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readCa, readRoleToken } from '@lockstep/security';
import { LockstepError, parseRunAddress, RUN_ADDRESS_FILE, type RunAddress } from '@lockstep/core';
import type { OptionValues } from '../options/resolve-options.js';
import {
  createCoordinatorClient,
  type CoordinatorClient,
  type Credentials,
} from './coordinator-client.js';

/**
 * The coordinator that a command speaks to: at `--http`, else the one that leads `--run`, else the
 * newest run below `--out` that is being led.
 *
 * @throws LockstepError `coordinator-unreachable` or `run-not-found`
 */
export async function findCoordinator(options: OptionValues): Promise<CoordinatorClient> {
  const http = options['http'] as string | undefined;
  const out = options['out'] as string;
  const run = options['run'] as string | undefined;
  // Port 0 stands in a config file for the coordinator to pick one: it names none to go to.
  const credentials = await readCredentials(options);
  if (run === undefined && http !== undefined && !http.endsWith(':0')) {
    const scheme = credentials.ca === undefined ? 'http' : 'https';
    return createCoordinatorClient(
      http.includes('://') ? http : `${scheme}://${http}`,
      credentials,
    );
  }
  const connect = (url: string) => createCoordinatorClient(url, credentials);
  return run === undefined ? newest(out, connect) : leaderOf(out, run, connect);
}

type Connect = (url: string) => CoordinatorClient;

async function readCredentials(options: OptionValues): Promise<Credentials> {
  const tokenFile = options['tokenFile'] as string | undefined;
  const ca = options['tlsCa'] as string | undefined;
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
      remedy: `look into the folder ${out} for the runs that there are`,
    });
  }
  throw new LockstepError('coordinator-unreachable', `nobody leads run ${basename(run)} now`, {
    remedy: `go on with it by \`lockstep train --resume ${basename(run)}\`, if it has not finished`,
  });
}

/** Runs are named after the moment they began, so the last name is the newest. */
async function newest(out: string, connect: Connect): Promise<CoordinatorClient> {
  const names = await readdir(out).catch(() => []);
  for (const name of names.sort().reverse()) {
    const address = await readAddress(join(out, name));
    if (!address?.http) continue;
    const client = connect(address.http);
    // A coordinator that was killed leaves its address behind, where another may listen by now.
    const { runId } = await client.run().catch((error: unknown) => {
      if (isGuarded(error)) throw error;
      return { runId: undefined };
    });
    if (runId === address.runId) return client;
  }
  throw new LockstepError('coordinator-unreachable', `no run in ${out} is being led now`, {
    remedy: 'start one by `lockstep train`, or give --http HOST:PORT of a coordinator elsewhere',
  });
}

/** Somebody is there, who does not let this command in. */
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
      `process ${pid} on ${host}, which led run ${runId}, does not answer at ${http}`,
      { remedy: `go on with the run by \`lockstep train --resume ${runId}\` if it is dead`, cause },
    );
  });
  if (found === runId) return client;
  throw new LockstepError(
    'coordinator-unreachable',
    `at ${http} run ${found} is led, not ${runId}`,
    {
      remedy: `give --run ${found}, or go on with ${runId} by --resume`,
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
