import pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;

/** The colours for one stream: of stdout and stderr, one may be a terminal and the other a file. */
export function coloursOf(stream: NodeJS.WriteStream): Colours {
  return pc.createColors(showsColours(stream));
}

/** A terminal decides by NO_COLOR, FORCE_COLOR and TERM; a file or a pipe has none unless forced. */
function showsColours(stream: NodeJS.WriteStream): boolean {
  if (stream.isTTY) return stream.hasColors();
  const forced = process.env['FORCE_COLOR'];
  return forced !== undefined && !['', '0', 'false'].includes(forced);
}

/** Colours of what is printed on stdout. */
export const outColours = coloursOf(process.stdout);
/** Colours of what is printed on stderr. */
export const errColours = coloursOf(process.stderr);
