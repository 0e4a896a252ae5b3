/** What TensorFlow computes on. */
export type DeviceName = 'cpu' | 'gpu';

/**
 * The environment variables that fix TensorFlow's threads, kernels and device. TensorFlow reads them with
 * getenv(3) when it loads, so they belong in the environment of the process (a thread's
 * `process.env` is a copy). One thread count gives one set of bits, and so does one device: a GPU
 * with deterministic kernels and without TF32, and none at all where the CPU is to compute.
 */
export function tensorFlowEnvironment(
  threads: number,
  device: DeviceName = 'cpu',
): Record<string, string> {
  return {
    OMP_NUM_THREADS: String(threads),
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    // By default only on processors with certain instructions; a third faster also on those without.
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    ...(device === 'gpu' ? onGpu : onCpu),
  };
}

const onCpu = { CUDA_VISIBLE_DEVICES: '-1' };

const onGpu = {
  TF_DETERMINISTIC_OPS: '1',
  TF_CUDNN_DETERMINISTIC: '1',
  NVIDIA_TF32_OVERRIDE: '0',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true', // several workers may share one
};
