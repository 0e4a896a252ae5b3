import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

/** A signal's value, updated at most every `everyMs`, for parts that are expensive to draw. */
export function useThrottled<Value>(source: ReadonlySignal<Value>, everyMs: number): Value {
  const throttled = useMemo(() => signal(source.peek()), [source]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = source.subscribe((value) => {
      if (throttled.peek() === value) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        throttled.value = source.peek();
      }, everyMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [source, everyMs]);
  return throttled.value;
}
