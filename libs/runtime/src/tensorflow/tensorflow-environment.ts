/** What TensorFlow computes on. */
export type DeviceName = 'cpu' | 'gpu';

/**
 * The environment variables that fix TensorFlow's threads, kernels and device. TensorFlow reads
 * them with getenv(3) when it loads, so they belong in the environment of the process (a thread's
 * `process.env` is a copy). Thread count and device determine the bits: a GPU uses deterministic
 * kernels without TF32, and is hidden when the CPU is to compute.
 */
export function tensorFlowEnvironment(
  threads: number,
  device: DeviceName = 'cpu',
): Record<string, string> {
  return {
    OMP_NUM_THREADS: String(threads),
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    // By default only enabled on processors with certain instructions; a third faster on others
    // too.
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
