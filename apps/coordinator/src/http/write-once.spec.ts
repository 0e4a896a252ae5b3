import { describe, expect, it } from 'vitest';
import { createWrittenOnce } from './write-once.js';

describe('createWrittenOnce', () => {
  it('makes and writes a report once for a key, and anew for another', () => {
    let [made, written] = [0, 0];
    const once = createWrittenOnce();
    const write = once.serializerCompiler();
    const ask = (key: string): string =>
      write(
        once.keep(key, () => {
          made += 1;
          return { n: made, toJSON: () => ({ key, written: (written += 1) }) };
        }),
      );
    expect([ask('a'), ask('a'), ask('b')]).toEqual([
      '{"key":"a","written":1}',
      '{"key":"a","written":1}',
      '{"key":"b","written":2}',
    ]);
    expect([made, written]).toEqual([2, 2]);
  });
});
