import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, startServer } from '../testing/server.js';

/** A built page. */
function build(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Lockstep</title>');
  const script = `${'// a long script\n'.repeat(100)}`;
  writeFileSync(join(folder, 'assets', 'index-abc.js'), script);
  writeFileSync(join(folder, 'assets', 'index-abc.js.br'), brotliCompressSync(script));
  return folder;
}

describe('the page', () => {
  it('is served beside the API, and may load nothing from elsewhere', async () => {
    const { url, server } = await startServer({ dashboard: build() });
    expect(server.dashboard).toBe(`${url}/`);
    const { status, body, headers } = await ask(url, '/');
    expect(status).toBe(200);
    expect(String(body)).toContain('<title>Lockstep</title>');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('http');
    expect((await ask(url, '/api/run')).status).toBe(200);
    expect((await ask(url, '/nothing.js')).status).toBe(404);
    expect((await ask(url, '/../package.json')).status).toBe(404);
  });

  it('sends hashed files compressed, to be cached for ever', async () => {
    const { url } = await startServer({ dashboard: build() });
    const { body, headers } = await ask(url, '/assets/index-abc.js', {
      headers: { 'accept-encoding': 'br' },
    });
    expect(String(body)).toContain('// a long script');
    expect(headers.get('content-encoding')).toBe('br');
    expect(headers.get('cache-control')).toContain('immutable');
  });

  it('shows why there is none', async () => {
    const missing = await startServer({ dashboard: join(tmpdir(), 'not-built') });
    expect(String((await ask(missing.url, '/')).body)).toContain('npm run build');
    const unwanted = await startServer();
    expect(unwanted.server.dashboard).toBeUndefined();
    expect(String((await ask(unwanted.url, '/')).body)).toContain('--no-dashboard');
  });
});
