import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { cloneRoot, isPackage, userCacheFolder } from '../folders.js';
import { findProgram, runProgram } from '../programs.js';
import { ok, problem, warning, type Finding } from './finding.js';

const OLDEST_NODE = 20;
const NEWEST_NODE = 26;
const GIBIBYTE = 2 ** 30;

/** Whether this Node is one that Lockstep is tested on. */
export function diagnoseNode(version = process.versions.node): Finding {
  const major = Number(version.split('.')[0]);
  const remedy = `install Node ${OLDEST_NODE} to ${NEWEST_NODE}`;
  if (major < OLDEST_NODE) return problem('node', `${version} is too old`, remedy);
  if (major > NEWEST_NODE)
    return warning('node', `${version} is newer than the tested versions`, remedy);
  return ok('node', version);
}

export async function diagnoseNpm(): Promise<Finding> {
  const npm = findProgram('npm');
  const remedy = 'install npm: the set-up needs it';
  if (npm === undefined) return warning('npm', 'not on PATH', remedy);
  const result = await runProgram(npm, ['--version'], { timeoutMs: 20_000 });
  return result.ok ? ok('npm', result.stdout.trim()) : warning('npm', result.lastLine, remedy);
}

/** Vector instructions that TensorFlow's kernels choose between; they decide speed and bits. */
export function cpuFeatures(): readonly string[] {
  const known = ['avx', 'avx2', 'fma', 'avx512f', 'avx512_vnni', 'amx_tile', 'asimd', 'sve'];
  const flags = new Set(cpuFlags().split(/\s+/));
  return known.filter((name) => flags.has(name));
}

function cpuFlags(): string {
  if (!existsSync('/proc/cpuinfo')) return '';
  return /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
}

export function diagnoseCpu(): Finding {
  const count = availableParallelism();
  const features = cpuFeatures();
  const listed = features.length > 0 ? ` (${features.join(', ')})` : '';
  const detail = `${count} × ${cpus()[0]?.model.trim() ?? process.arch}${listed}`;
  if (count > 1) return ok('cpu', detail);
  return warning('cpu', detail, 'two workers on one core take turns; more cores train faster');
}

/** A worker takes 0.4 GiB and its share of the batch; the coordinator as much again. */
export function diagnoseMemory(): Finding {
  const [free, total] = [freemem(), totalmem()].map((bytes) => (bytes / GIBIBYTE).toFixed(1));
  const detail = `${free} GiB free of ${total} GiB`;
  if (freemem() >= 1.5 * GIBIBYTE) return ok('memory', detail);
  return warning('memory', detail, 'close other programs or start fewer workers (--workers)');
}

export async function diagnoseDisk(): Promise<Finding[]> {
  const runs = isPackage() ? process.cwd() : cloneRoot();
  const places = { 'disk (runs)': runs, 'disk (cache)': existing(userCacheFolder()) };
  return Promise.all(
    Object.entries(places).map(async ([topic, folder]) => {
      const { bavail, bsize } = await statfs(folder);
      const detail = `${((bavail * bsize) / GIBIBYTE).toFixed(1)} GiB free at ${folder}`;
      return bavail * bsize >= 2 * GIBIBYTE
        ? ok(topic, detail)
        : warning(topic, detail, 'free some space: TensorFlow takes 0.9 GiB, a checkpoint 13 MB');
    }),
  );
}

function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(join(folder, '..'));
}
