import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactSecrets } from './redact-secrets.js';

describe('redactSecrets', () => {
  it.each([
    ['no Redis at redis://me:pw@host:6379', 'no Redis at redis://me:***@host:6379'],
    ['rediss-cluster://:a@b:c@h1:1,h2:2 --x', 'rediss-cluster://:***@h1:1,h2:2 --x'],
    [
      '--rediss redis://:p/w@host and http://u:p@x',
      '--rediss redis://:***@host and http://u:***@x',
    ],
    [`token lsj.0123abcd.${'x'.repeat(43)}!`, 'token lsj.0123abcd.***!'],
    [`lsr.${'-'.repeat(43)}`, 'lsr.***'],
    ['authorization: Bearer abcdefghijkl', 'authorization: Bearer ***'],
    ['redis://host:6379/0 and https://a.b:80/@c', 'redis://host:6379/0 and https://a.b:***@c'],
    ['me@host, 10:30, http://127.0.0.1:8080/', 'me@host, 10:30, http://127.0.0.1:8080/'],
  ])('of %s leaves %s', (text, redacted) => {
    expect(redactSecrets(text)).toBe(redacted);
  });

  it('leaves no password of any address, whatever stands around it', () => {
    const scheme = fc.constantFrom('redis', 'rediss', 'redis-sentinel', 'unix', 'https');
    const password = fc.stringMatching(/^[A-Za-z0-9!$%^&*()_+=:/?#.,;~-]{6,20}$/);
    const around = fc.stringMatching(/^[ a-z"'(),.]{0,10}$/);
    fc.assert(
      fc.property(scheme, password, around, around, (name, secret, before, after) => {
        const text = `${before} ${name}://me:${secret}@host:1 ${after}`;
        expect(redactSecrets(text)).not.toContain(`:${secret}@`);
      }),
    );
  });

  it('is done after the first time', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(redactSecrets(redactSecrets(text))).toBe(redactSecrets(text));
      }),
    );
  });
});
