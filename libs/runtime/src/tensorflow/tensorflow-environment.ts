/**
 * The environment variables that fix TensorFlow's threads. TensorFlow reads them with getenv(3) when
 * it loads, so they belong in the environment of the process (a thread's `process.env` is a copy).
 * One thread count gives one set of bits.
 */
export function tensorFlowEnvironment(threads: number): Record<string, string> {
  return {
    OMP_NUM_THREADS: String(threads),
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
  };
}
