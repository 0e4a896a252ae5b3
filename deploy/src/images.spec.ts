import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { obtainTool } from './tools.js';

const DOCKERFILE = fileURLToPath(new URL('../../docker/Dockerfile', import.meta.url));
const text = readFileSync(DOCKERFILE, 'utf8');
const hadolint = await obtainTool('hadolint');
const why = 'missing' in hadolint ? ` (skipped: ${hadolint.missing})` : '';

/** The lines of a stage. */
function stage(name: string): string {
  const [, rest = ''] = text.split(new RegExp(`^FROM \\S+ AS ${name}$`, 'm'));
  return rest.split(/^FROM /m)[0] ?? '';
}

describe('the Dockerfile', () => {
  it.skipIf('missing' in hadolint)(`has nothing for hadolint to complain of${why}`, async () => {
    if (!('path' in hadolint)) return;
    const { stdout } = await promisify(execFile)(hadolint.path, ['--format', 'json', DOCKERFILE]);
    expect(JSON.parse(stdout)).toEqual([]);
  });

  it('builds an image for each role, that runs under tini as an unprivileged user', () => {
    expect(stage('worker')).toContain('CMD ["worker"]');
    expect(stage('coordinator')).toContain('CMD ["coordinator"]');
    const runtime = stage('runtime');
    expect(runtime).toMatch(/^USER 1000:1000$/m);
    expect(runtime).toMatch(/^ENTRYPOINT \["tini", "--", /m);
    expect(runtime).toMatch(/HEALTHCHECK [\s\S]*CMD \["node", /);
    // No compiler, no sources: only what was assembled.
    expect(runtime).not.toMatch(/g\+\+|python/);
    expect(runtime.match(/^COPY .*$/gm)).toHaveLength(2);
  });
});
