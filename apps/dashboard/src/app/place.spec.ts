import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hrefTo, parsePlace, withParam, writePlace } from './place.js';

describe('places in the page', () => {
  it('are parsed from the fragment', () => {
    const { view, params } = parsePlace('#/curves?x=time&runs=a,b');
    expect(view).toBe('curves');
    expect(Object.fromEntries(params)).toEqual({ x: 'time', runs: 'a,b' });
  });

  it('are the first view if the address names none', () => {
    for (const hash of ['', '#', '#/', '#?x=1']) expect(parsePlace(hash).view).toBe('');
  });

  it('are parsed as they were written, with any choices', () => {
    const params = fc.dictionary(fc.string({ minLength: 1 }), fc.string());
    fc.assert(
      fc.property(params, (chosen) => {
        const back = parsePlace(hrefTo('workers', chosen));
        expect(back.view).toBe('workers');
        expect([...back.params]).toEqual([...new URLSearchParams(chosen)]);
      }),
    );
  });

  it('change one choice and leave the others', () => {
    const place = parsePlace('#/curves?x=time&smooth=0.5');
    expect(writePlace(withParam(place, 'smooth', '0.9'))).toBe('#/curves?x=time&smooth=0.9');
    expect(writePlace(withParam(place, 'x'))).toBe('#/curves?smooth=0.5');
    expect(writePlace(place)).toBe('#/curves?x=time&smooth=0.5');
  });
});
