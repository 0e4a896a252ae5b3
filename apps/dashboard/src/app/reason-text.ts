/** What a button of the page does as well as a command. */
const BUTTON_COMMANDS = /`lockstep (pause|resume|scale|stop)\b[^`]*`/;

/**
 * A reason without the advice at its end to use a command that the page has a button for.
 *
 * @param hasButtons whether the reader can press them
 */
export function reasonText(reason: string, hasButtons: boolean): string {
  const advice = /[:;] [^:;]*$/.exec(reason)?.[0];
  if (!hasButtons || advice === undefined || !BUTTON_COMMANDS.test(advice)) return reason;
  return reason.slice(0, -advice.length);
}
