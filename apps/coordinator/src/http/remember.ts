/**
 * Asks for a value at most so often: whoever asks in between gets the last answer, or waits for the
 * one under way. What failed is not remembered.
 *
 * @param forMs how old an answer may be, in milliseconds
 */
export function remember<Value>(
  forMs: number,
  make: () => Promise<Value>,
  now: () => number = () => performance.now(),
): () => Promise<Value> {
  let last: { readonly at: number; readonly value: Promise<Value> } | undefined;
  return () => {
    if (last && now() - last.at < forMs) return last.value;
    const value = make();
    const mine = { at: now(), value };
    last = mine;
    value.catch(() => {
      if (last === mine) last = undefined;
    });
    return value;
  };
}
