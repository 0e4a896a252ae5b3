/** Where in the page a person is: a view and what is chosen in it. */
export interface Place {
  readonly view: string;
  readonly params: URLSearchParams;
}

/** Reads the part of an address after `#`: `/curves?x=time`. What makes no sense is the first view. */
export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  return { view: path.replace(/^\/+|\/+$/g, ''), params: new URLSearchParams(query) };
}

/** The address of a view, to be used as a link's `href`. */
export function hrefTo(view: string, params: Readonly<Record<string, string>> = {}): string {
  return writePlace({ view, params: new URLSearchParams(params) });
}

export function writePlace({ view, params }: Place): string {
  const query = params.toString();
  return query === '' ? `#/${view}` : `#/${view}?${query}`;
}

/** The place with one choice more, other, or (undefined) less. */
export function withParam({ view, params }: Place, name: string, value?: string): Place {
  const next = new URLSearchParams(params);
  if (value === undefined) next.delete(name);
  else next.set(name, value);
  return { view, params: next };
}
