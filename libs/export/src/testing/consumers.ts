import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fillCacheFolder, userCacheFolder } from '@lockstep/runtime';
import { fetchNpmPackage, NpmPackageUnavailable } from '@lockstep/runtime/cache';
import type * as OnnxRuntime from 'onnxruntime-common';

/** A model file and an input of it. */
export interface PredictionJob {
  readonly path: string;
  readonly values: Float32Array;
  /** With the batch. */
  readonly shape: readonly number[];
}

const run = promisify(execFile);

/** A program that reads exported models, or why it cannot be installed, for a test that is skipped. */
export type Consumer<Installed> = Installed | { readonly missing: string };

/**
 * onnxruntime-node, from the user's cache: npm fetches it there the first time. It is no dependency, since it has
 * 110 MB for all platforms.
 */
export async function onnxRuntime(): Promise<Consumer<{ readonly onnx: typeof OnnxRuntime }>> {
  try {
    const folder = await fetchNpmPackage('onnxruntime-node', '1.30.0');
    return { onnx: createRequire(import.meta.url)(folder) as typeof OnnxRuntime };
  } catch (cause) {
    if (cause instanceof NpmPackageUnavailable) return { missing: cause.message };
    throw cause;
  }
}

/** What ONNX Runtime predicts. */
export async function predictByOnnx(
  { InferenceSession, Tensor }: typeof OnnxRuntime,
  { path, values, shape }: PredictionJob,
): Promise<Float32Array> {
  const session = await InferenceSession.create(path);
  try {
    const outputs = await session.run({ input: new Tensor('float32', values, shape) });
    return outputs['output'].data as Float32Array;
  } finally {
    await session.release();
  }
}

/** Keras 3 with its smallest backend that computes convolutions. */
const PYTHON_PACKAGES = ['keras>=3.5,<4', 'jax[cpu]', 'h5py'];
const PIP_LIMIT_MS = 600_000;

/** The folder of Keras and the Python packages that it needs, in the user's cache: pip installs them the first time. */
export async function kerasPackages(): Promise<Consumer<{ readonly folder: string }>> {
  const folder = join(userCacheFolder(), 'test-keras-3');
  try {
    await fillCacheFolder(folder, async (temporary) => {
      const pip = ['-m', 'pip', 'install', '--quiet', '--target', temporary];
      await run('python3', [...pip, ...PYTHON_PACKAGES], { timeout: PIP_LIMIT_MS });
    });
    return { folder };
  } catch (cause) {
    const { stderr = '', message } = cause as Error & { readonly stderr?: string };
    return { missing: stderr.trim().split('\n').at(-1) || message };
  }
}

const PREDICT = `
import json, sys
import numpy, keras
for job in json.load(open(sys.argv[1])):
    model = keras.saving.load_model(job['path'])
    inputs = numpy.array(job['values'], dtype='float32').reshape(job['shape'])
    outputs = numpy.asarray(model(inputs, training=False))
    print(json.dumps([float(value) for value in outputs.ravel()]))
`;

/** What Keras predicts, one array for each job, in one process. */
export async function predictByKeras(
  packages: string,
  jobs: readonly PredictionJob[],
): Promise<Float32Array[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'lockstep-keras-'));
  try {
    const file = join(scratch, 'jobs.json');
    writeFileSync(file, JSON.stringify(jobs.map((job) => ({ ...job, values: [...job.values] }))));
    const env = { ...process.env, PYTHONPATH: packages, KERAS_BACKEND: 'jax', KERAS_HOME: scratch };
    const { stdout } = await run('python3', ['-c', PREDICT, file], { env, maxBuffer: 1 << 26 });
    return stdout
      .trim()
      .split('\n')
      .map((line) => Float32Array.from(JSON.parse(line) as number[]));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
