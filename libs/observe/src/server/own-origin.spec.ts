import { describe, expect, it } from 'vitest';
import { checkOrigin } from './own-origin.js';

const sender = (method: string, host?: string, origin?: string) => ({ method, host, origin });

describe('checkOrigin', () => {
  it.each([
    ['a program', sender('POST', '127.0.0.1:80'), '127.0.0.1'],
    ['the coordinator’s own page', sender('POST', 'localhost:80', 'http://localhost:80'), '::1'],
    ['an IPv6 address', sender('GET', '[::1]:80'), '::1'],
    ['any name where the address is public', sender('GET', 'train.example'), '0.0.0.0'],
    ['a proxy with TLS', sender('POST', 'train.example', 'https://train.example'), '0.0.0.0'],
    ['a foreign page that only reads', sender('GET', 'a.example', 'http://b.example'), '0.0.0.0'],
  ])('lets %s in', (_, who, bound) => {
    expect(() => checkOrigin(who, bound)).not.toThrow();
  });

  it.each([
    ['a foreign page', sender('POST', '127.0.0.1:80', 'http://evil.example'), '127.0.0.1'],
    ['a page without origin', sender('POST', '127.0.0.1:80', 'null'), '127.0.0.1'],
    ['another port’s page', sender('POST', 'localhost:80', 'http://localhost:81'), 'localhost'],
    ['a name that only points here', sender('GET', 'evil.example:80'), '127.0.0.1'],
    ['a name that begins like here', sender('GET', '127.0.0.1.evil.example'), '127.0.0.1'],
  ])('refuses %s', (_, who, bound) => {
    expect(() => checkOrigin(who, bound)).toThrow(
      expect.objectContaining({ code: 'origin-refused' }) as Error,
    );
  });
});
