import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The rights, which follow the password in the ACL line of Redis's user. */
function rightsIn(path: string): string | undefined {
  const text = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
  return /^ *user lockstep on #.*? (resetchannels .*)$/m.exec(text)?.[1];
}

describe('the Redis user of a run', () => {
  it('has the documented rights in every deployment', () => {
    const documented = rightsIn('docs/security.md');
    expect(documented).toMatch(/~\{lockstep-\* -@all /);
    for (const path of [
      'docker/make-credentials.sh',
      'deploy/helm/lockstep/templates/redis.yaml',
    ]) {
      expect(rightsIn(path), path).toBe(documented);
    }
  });
});
