import { distance } from 'fastest-levenshtein';

/**
 * `; did you mean X?` for the candidate most like a misspelt word, or nothing where none is close.
 * Case, dashes and underscores do not count: `learning_rate` is `learningRate`.
 */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const typed = letters(word);
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(typed, letters(candidate)) }))
    .toSorted((a, b) => a.edits - b.edits);
  const [best] = ranked;
  const begun = candidates.filter((each) => typed.length > 2 && letters(each).startsWith(typed));
  const [only] = begun.length === 1 ? begun : [];
  const isClose =
    best !== undefined && best.edits <= Math.max(1, 0.4 * letters(best.candidate).length);
  const guess = isClose ? best.candidate : only;
  return guess === undefined ? '' : `; did you mean ${guess}?`;
}

function letters(word: string): string {
  return word.replace(/[-_]/g, '').toLowerCase();
}
