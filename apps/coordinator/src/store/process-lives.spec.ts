import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { processLives } from './process-lives.js';

describe('whether a process lives', () => {
  it('is so of this one and not of one that has ended', () => {
    expect(processLives(process.pid)).toBe(true);
    expect(processLives(Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' })))).toBe(
      false,
    );
  });

  it.runIf(existsSync('/proc/self/stat'))('is not so of one nobody waited for', async () => {
    const parent = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 60']);
    try {
      const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
      await expect.poll(() => processLives(Number(pid.toString()))).toBe(false);
      expect(() => process.kill(Number(pid.toString()), 0)).not.toThrow();
    } finally {
      parent.kill();
    }
  });
});
