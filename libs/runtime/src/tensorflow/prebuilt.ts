import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { foreignVariable, permitsUnpinned } from '../environment.js';
import { cloneRoot, tfjsNodeFolder } from '../folders.js';
import { runProgram } from '../programs.js';
import type { Reporter } from '../reporter.js';
import { proveAddon, removeAddon, type AddonProof } from './native-addon.js';

/** Time limits of the storage host's first response and of the whole download. */
const ANSWER_LIMIT_MS = 4_000;
const DOWNLOAD_LIMIT_MS = 600_000;

const NOT_PERMITTED =
  'its files are not pinned by hash (LOCKSTEP_UNPINNED=1 permits them for this set-up)';

/**
 * The package's own way: its install script downloads TensorFlow and a built addon. It verifies neither
 * and their publisher names no hashes, so the user must permit it.
 */
export async function installPrebuilt(reporter: Reporter): Promise<AddonProof> {
  if (!permitsUnpinned()) return { ok: false, reason: NOT_PERMITTED };
  const host = storageHost();
  if (!(await answers(host))) return { ok: false, reason: 'its storage host cannot be reached' };
  reporter("TensorFlow: the package's own download …");
  const manifest = join(tfjsNodeFolder(), 'package.json');
  const before = readFileSync(manifest, 'utf8');
  const tools = join(cloneRoot(), 'node_modules', '.bin');
  const result = await runProgram(process.execPath, [join('scripts', 'install.js')], {
    timeoutMs: DOWNLOAD_LIMIT_MS,
    cwd: tfjsNodeFolder(),
    environment: { PATH: `${tools}${delimiter}${foreignVariable('PATH') ?? ''}` },
  });
  writeFileSync(manifest, before); // the script edits it and, when it fails, leaves it so
  const proof: AddonProof = result.ok ? await proveAddon() : { ok: false, reason: result.lastLine };
  if (!proof.ok) removeAddon();
  return proof;
}

/** The package's download host, or the mirror set by its variable. */
function storageHost(): string {
  const manifest = JSON.parse(readFileSync(join(tfjsNodeFolder(), 'package.json'), 'utf8')) as {
    binary: { host: string };
  };
  return new URL(foreignVariable('TFJS_NODE_CDN_STORAGE') || manifest.binary.host).origin;
}

/** Any response is sufficient. Behind a proxy the check is left to the script. */
async function answers(host: string): Promise<boolean> {
  const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];
  if (proxies.some((name) => foreignVariable(name))) return true;
  try {
    await fetch(host, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    return true;
  } catch {
    return false;
  }
}
