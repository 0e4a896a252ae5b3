/** A location in the page: a view and the choices in it. */
export interface Place {
  readonly view: string;
  readonly params: URLSearchParams;
}

/** Parses the part of an address after `#`: `/curves?x=time`. An empty path is the first view. */
export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  return { view: path.replace(/^\/+|\/+$/g, ''), params: new URLSearchParams(query) };
}

/** The address of a view, for a link's `href`. */
export function hrefTo(view: string, params: Readonly<Record<string, string>> = {}): string {
  return writePlace({ view, params: new URLSearchParams(params) });
}

export function writePlace({ view, params }: Place): string {
  const query = params.toString();
  return query === '' ? `#/${view}` : `#/${view}?${query}`;
}

/** The place with one choice added, changed or (undefined) removed. */
export function withParam({ view, params }: Place, name: string, value?: string): Place {
  const next = new URLSearchParams(params);
  if (value === undefined) next.delete(name);
  else next.set(name, value);
  return { view, params: next };
}
