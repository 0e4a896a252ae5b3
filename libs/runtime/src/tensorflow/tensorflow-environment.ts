/**
 * The environment variables that fix TensorFlow's threads and kernels. TensorFlow reads them with getenv(3) when
 * it loads, so they belong in the environment of the process (a thread's `process.env` is a copy).
 * One thread count gives one set of bits.
 */
export function tensorFlowEnvironment(threads: number): Record<string, string> {
  return {
    OMP_NUM_THREADS: String(threads),
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    // By default only on processors with certain instructions; a third faster also on those without.
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
  };
}
