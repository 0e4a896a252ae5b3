import { describe, expect, it } from 'vitest';
import { passOnStderr } from './child-stderr.js';

function passedOn(lines: readonly string[]): string {
  let said = '';
  const stream = { isTTY: false, write: (text: string) => ((said += text), true) };
  lines.forEach(passOnStderr(stream));
  return said;
}

describe('what a process of the local mode prints on stderr', () => {
  it('is passed on but for what TensorFlow says when all is well', () => {
    const quiet = [
      'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
      'I0000 00:00:1795590652.651655   20001 port.cc:153] oneDNN custom operations are on. You may see slightly different numerical results due to floating-point round-off errors from different computation orders. To turn them off, set the environment variable `TF_ENABLE_ONEDNN_OPTS=0`.',
    ];
    const loud = [
      'E0000 00:00:1795590652.651655   20001 port.cc:153] oneDNN custom operations failed',
      'W0000 00:00:1795590652.651655   20001 cpu_allocator.cc:84] Allocation exceeds 10%',
      'Error: out of memory',
      '',
      '    at somewhere',
    ];
    expect(passedOn([...quiet, ...loud])).toBe(`${loud.join('\n')}\n`);
  });
});
