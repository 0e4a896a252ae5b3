/** What arrives from elsewhere, read in order by one reader. */
export class Inbox<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  #end: { readonly error?: Error } | undefined;
  #wake: () => void = () => undefined;

  push(item: Item): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#wake();
  }

  /** Nothing more comes; the reader gets the error, if one is given, after what has come. */
  end(error?: Error): void {
    this.#end ??= error ? { error } : {};
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#end?.error) throw this.#end.error;
      else if (this.#end) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
