import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

/** A signal's value, taken over at most so often: for what is dear to draw. */
export function useCalm<Value>(source: ReadonlySignal<Value>, everyMs: number): Value {
  const calm = useMemo(() => signal(source.peek()), [source]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = source.subscribe((value) => {
      if (calm.peek() === value) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        calm.value = source.peek();
      }, everyMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [source, everyMs]);
  return calm.value;
}
