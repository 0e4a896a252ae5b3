/**
 * Characters that a terminal or a log viewer does not show as they are: control characters, line
 * separators, and marks that change the direction of text.
 */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text of another process or of a file, safe to show: one line, without escape sequences. A hidden
 * character is replaced by its escape, for example `\n` or `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(HIDDEN, escapeOf);
}

/** Cuts a text to at most `most` characters; the last one is then `…`. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half a surrogate pair could not be encoded.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function escapeOf(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
