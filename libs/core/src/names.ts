/** Most characters of a name. */
export const LONGEST_NAME = 200;

const NAME = new RegExp(`^\\w[\\w.:@+-]{0,${LONGEST_NAME - 1}}$`);

/** What a name may be, for messages. */
export const NAME_RULE = `1 to ${LONGEST_NAME} letters, digits and . : @ + - _, the first a letter, digit or _`;

/**
 * Whether a text may be the name of a worker, a host or a run, or a session: such names are shown in
 * logs, terminals and metrics as they are.
 */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** A text as a name: other characters become `-`. */
export function toName(text: string): string {
  const name = text
    .replace(/[^\w.:@+-]/g, '-')
    .replace(/^\W+/, '')
    .slice(0, LONGEST_NAME);
  return name === '' ? 'unnamed' : name;
}
