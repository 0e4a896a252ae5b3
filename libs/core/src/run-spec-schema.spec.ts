import { describe, expect, it } from 'vitest';
import { canonicalJson } from './spec-hash.js';
import { parseRunSpec } from './run-spec-schema.js';
import { smallSpec } from './testing/small-spec.js';

describe('parseRunSpec', () => {
  it('reads what was written', () => {
    const spec = smallSpec({ segments: [{ afterStep: 4, steps: 9 }] });
    expect(parseRunSpec(canonicalJson(spec), 'the coordinator')).toEqual(spec);
  });

  it('names every field that is wrong, and what to do', () => {
    const { batch: _batch, ...rest } = smallSpec({ wire: 'f64' as 'f32' });
    const read = (): unknown => parseRunSpec(canonicalJson(rest), 'the coordinator');
    expect(read).toThrow(/the coordinator sent a run spec that cannot be read/);
    expect(read).toThrow(/batch/);
    expect(read).toThrow(/wire/);
    expect(read).toThrow(
      expect.objectContaining({
        code: 'protocol-violation',
        remedy: expect.stringContaining('same version') as string,
      }) as Error,
    );
  });

  it.each(['', '[1', 'null', '7'])('refuses %j', (json) => {
    expect(() => parseRunSpec(json, 'the coordinator')).toThrow('cannot be read');
  });
});
