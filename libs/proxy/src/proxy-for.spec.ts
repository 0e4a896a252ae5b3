import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { proxyFor } from './proxy-for.js';

const SERVICE = 'http://mlflow.example:5000/path';
const SECURE = 'https://mlflow.example/path';
const NAMES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

beforeEach(() => {
  for (const name of NAMES) {
    vi.stubEnv(name, '');
    vi.stubEnv(name.toUpperCase(), '');
  }
});
afterEach(() => void vi.unstubAllEnvs());

it.each([(name: string) => name, (name: string) => name.toUpperCase()])(
  'a service has the proxy of its scheme, in either case',
  (inCase) => {
    expect(proxyFor(SERVICE)).toBeUndefined();
    vi.stubEnv(inCase('http_proxy'), 'http://plain:3128');
    expect(proxyFor(SERVICE)).toBe('http://plain:3128');
    expect(proxyFor(SECURE)).toBeUndefined();
    vi.stubEnv(inCase('https_proxy'), 'http://secure:3128');
    expect(proxyFor(SECURE)).toBe('http://secure:3128');
    vi.stubEnv(inCase('no_proxy'), 'other,.example');
    expect(proxyFor(SERVICE)).toBeUndefined();
  },
);

it('a loopback address has none', () => {
  vi.stubEnv('http_proxy', 'http://plain:3128');
  for (const host of ['localhost:5000', '127.0.0.1', '127.8.0.1:80', '[::1]:5000']) {
    expect(proxyFor(`http://${host}/`)).toBeUndefined();
  }
});
