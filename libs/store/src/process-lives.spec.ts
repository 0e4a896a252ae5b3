import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
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
    // Its parent turns into a program that waits for nobody, and only then does it end.
    const script = 'sh -c "read _ <&3" & echo $!; exec sleep 60';
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
    try {
      const [pid] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
      expect(processLives(Number(pid.toString()))).toBe(true);
      const program = (): string => readFileSync(`/proc/${parent.pid}/cmdline`, 'utf8');
      await expect.poll(program).toContain('sleep\0');
      (parent.stdio[3] as Writable).end();
      await expect.poll(() => processLives(Number(pid.toString()))).toBe(false);
      expect(() => process.kill(Number(pid.toString()), 0)).not.toThrow();
    } finally {
      parent.kill();
    }
  });
});
