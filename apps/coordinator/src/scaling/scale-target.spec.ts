import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScaleTarget, scaleTargetKinds } from './scale-target.js';

describe('a scale target', () => {
  it('is a kind and a name, in a namespace perhaps', () => {
    expect(parseScaleTarget('deployment/lockstep-worker')).toEqual({
      kind: 'deployment',
      name: 'lockstep-worker',
    });
    expect(parseScaleTarget('training/scaledobject/w')).toEqual({
      kind: 'scaledobject',
      name: 'w',
      namespace: 'training',
    });
  });

  it.each([
    '',
    'worker',
    'pod/worker',
    'deployment/',
    'deployment/W',
    'a/b/deployment/w',
    '/deployment/w',
  ])('is not “%s”', (text) => expect(parseScaleTarget(text)).toBeUndefined());

  it('names nothing but what it was made of', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...scaleTargetKinds), fc.string())),
        (parts) => {
          const target = parseScaleTarget(parts.join('/'));
          if (!target) return;
          const { namespace, kind, name } = target;
          const words = namespace === undefined ? [kind, name] : [namespace, kind, name];
          expect(words.join('/')).toBe(parts.join('/'));
        },
      ),
    );
  });
});
