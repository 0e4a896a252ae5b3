// Repairs the environment of the programs that set-up and tests start. Uses only Node's built-ins,
// since it runs before anything is installed.
import { accessSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root, say } from './steps.mjs';

/**
 * Gives this process, and every program that it starts, a home folder, a temporary folder and
 * working proxies. Reports each change in one line.
 */
export async function repairEnvironment() {
  mendTemporaryFolder();
  mendHome();
  await dropDeadProxies();
}

/** npm, pip and compilers keep caches and files there; not all of them have a fallback. */
function mendHome() {
  const unusable = homeOrNone();
  if (isUsableHome(unusable)) return;
  const candidates = [
    join(root, '.lockstep', 'home'),
    join(temporaryFolder(), `lockstep-${uid()}`),
  ];
  const home = candidates.find(makePrivate);
  if (home === undefined) return;
  process.env.HOME = home;
  if (unusable !== undefined) dropDefaultsOfNpm(unusable);
  say(`no usable home folder: ${home} holds caches instead`);
}

/** npm passes its defaults to the scripts that it runs, including those below the unusable home. */
function dropDefaultsOfNpm(home) {
  const defaults = { cache: '.npm', userconfig: '.npmrc', init_module: '.npm-init.js' };
  for (const [name, file] of Object.entries(defaults)) {
    if (process.env[`npm_config_${name}`] === join(home, file)) {
      delete process.env[`npm_config_${name}`];
    }
  }
}

function homeOrNone() {
  try {
    return homedir();
  } catch {
    return undefined; // a user without an entry in the list of users, and no HOME
  }
}

/** Container runtimes set `/` for a user who is unknown to the image. */
export function isUsableHome(folder) {
  return folder !== undefined && folder !== '/' && isWritableFolder(folder);
}

/** A folder that no other user can have prepared. */
function makePrivate(folder) {
  try {
    mkdirSync(join(folder, '..'), { recursive: true });
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) mkdirSync(folder, 0o700);
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === uid() && isWritableFolder(folder);
  } catch {
    return false;
  }
}

function mendTemporaryFolder() {
  const wanted = process.env.TMPDIR;
  if (!wanted || isWritableFolder(wanted)) return;
  const other = ['/tmp', '/var/tmp'].find(isWritableFolder);
  if (other === undefined) return;
  process.env.TMPDIR = other;
  say(`TMPDIR is ${wanted}, which is not a folder that can be written: ${other} is used instead`);
}

function temporaryFolder() {
  return process.env.TMPDIR || '/tmp';
}

function isWritableFolder(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

function uid() {
  return process.getuid?.() ?? 0;
}

const PROXIES =
  /^(?:https?_proxy|all_proxy|pip_proxy|npm_config_(?:https?_|https-|http-|no)?proxy)$/i;
const PROXY_PATIENCE_MS = 3_000;

/**
 * A proxy that accepts no connection is most likely left over from another network: npm and pip
 * would try it for minutes. Without it they connect directly, or report their own error.
 */
async function dropDeadProxies() {
  const names = Object.keys(process.env).filter((name) => PROXIES.test(name));
  const dead = new Map();
  for (const name of names) {
    const address = process.env[name];
    if (/no_?proxy$/i.test(name) || !address) continue;
    if (!dead.has(address)) dead.set(address, await whyDead(address));
    const reason = dead.get(address);
    if (reason === undefined) continue;
    delete process.env[name];
  }
  for (const [address, reason] of dead) {
    if (reason === undefined) continue;
    const shown = withoutLogin(address);
    say(`the proxy ${shown} of the environment does not answer (${reason}): it is not used`);
  }
}

/** Why a proxy cannot be connected to; undefined if it can, or if the address is unclear. */
function whyDead(address) {
  const text = address.includes('://') ? address : `http://${address}`;
  if (!URL.canParse(text)) return undefined;
  const { hostname, port, protocol } = new URL(text);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    const end = (reason) => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(PROXY_PATIENCE_MS, () => end('no answer'));
    socket.once('connect', () => end(undefined));
    socket.once('error', ({ code }) => end(code));
  });
}

function withoutLogin(address) {
  return address.replace(/\/\/[^/@]*@/, '//');
}

/**
 * The environment for tools that build and test: without variables by which a user configures other
 * programs and which change what these tools do. `NODE_ENV` decides whether npm leaves development
 * packages out, and which React a bundler and the tests load.
 */
export function toolEnvironment(changes = {}) {
  const { NODE_ENV: _, NODE_PATH: __, ...environment } = process.env;
  return { ...environment, ...changes };
}
