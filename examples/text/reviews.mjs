// Short reviews, each a row of word numbers: is it praise (1) or not (0)? "not" turns the meaning.
import { defineDataset } from 'lockstep';
import { noise } from '../noise.mjs';

const SUBJECTS = ['the plot', 'the cast', 'the music', 'this film', 'the ending', 'every scene'];
const PRAISE = ['good', 'great', 'moving', 'funny'];
const BLAME = ['bad', 'dull', 'slow', 'silly'];
const VERBS = ['was', 'is', 'seemed', 'was not', 'is not'];
const LENGTH = 5;

const words = [...SUBJECTS, ...VERBS, ...PRAISE, ...BLAME].flatMap((part) => part.split(' '));
/** Number of each word; 0 fills up short texts. */
const numbers = new Map([...new Set(words)].map((word, index) => [word, index + 1]));
export const VOCABULARY = numbers.size + 1;

function review(row) {
  const choose = (list, column) => list[Math.floor(noise(row, column) * list.length)];
  const isPraise = noise(row, 0) < 0.5;
  const verb = choose(VERBS, 1);
  const text = `${choose(SUBJECTS, 2)} ${verb} ${choose(isPraise ? PRAISE : BLAME, 3)}`;
  return { text, label: Number(isPraise !== verb.endsWith('not')) };
}

function rows(from, to) {
  const inputs = new Int32Array((to - from) * LENGTH);
  const targets = new Int32Array(to - from);
  for (let row = from; row < to; row++) {
    const { text, label } = review(row);
    text.split(' ').forEach((word, at) => {
      inputs[(row - from) * LENGTH + at] = numbers.get(word);
    });
    targets[row - from] = label;
  }
  return { inputs, targets };
}

export default defineDataset({
  inputShape: [LENGTH],
  target: { classes: 2 },
  train: { count: 1000, read: rows },
  test: { count: 200, read: (from, to) => rows(1000 + from, 1000 + to) },
});
