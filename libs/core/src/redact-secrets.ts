/** The password of an address such as `redis://user:password@host`, wherever it stands in a text. */
const PASSWORD_IN_ADDRESS = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):(\S+)@(?=[^\s@]*)/gi;
/** A join or role token, but for what names it. */
const TOKEN = /\b(lsj\.[0-9a-f]{8}|lsr)\.[\w-]{20,}/g;
const BEARER = /(\bbearer\s+)[^\s"']{8,}/gi;

/**
 * A text for people and logs, with every password in an address, every token and every
 * `Authorization` header taken out of it. It knows them by their form alone: what holds a secret
 * that has none should not be printed in the first place.
 */
export function redactSecrets(text: string): string {
  return text
    .replace(PASSWORD_IN_ADDRESS, '$1:***@')
    .replace(TOKEN, '$1.***')
    .replace(BEARER, '$1***');
}
