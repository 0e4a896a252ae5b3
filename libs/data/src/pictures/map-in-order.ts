/**
 * Transforms items, up to `most` at once, and yields the results in the order of the items.
 *
 * @throws what `transform` throws, when its item's turn comes
 */
export async function* mapInOrder<Item, Result>(
  items: readonly Item[],
  most: number,
  transform: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void> {
  const waiting: Promise<Result>[] = [];
  let next = 0;
  while (waiting.length > 0 || next < items.length) {
    while (waiting.length < most && next < items.length) {
      const result = transform(items[next++]);
      // Handled when its turn comes, which it may not where an earlier one fails.
      result.catch(() => undefined);
      waiting.push(result);
    }
    const first = waiting.shift();
    if (first) yield await first;
  }
}
