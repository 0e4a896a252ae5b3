import { describe, expect, it } from 'vitest';
import { didYouMean } from './did-you-mean.js';

describe('a suggestion for a misspelt word', () => {
  it.each([
    ['--lerning-rate', ['--learning-rate', '--steps'], '; did you mean --learning-rate?'],
    ['--learning_rate', ['--learning-rate', '--steps'], '; did you mean --learning-rate?'],
    ['--learningRate', ['--learning-rate', '--steps'], '; did you mean --learning-rate?'],
    ['trian', ['train', 'token'], '; did you mean train?'],
    ['strct', ['strict', 'tolerant'], '; did you mean strict?'],
    ['--heart', ['--heartbeat-timeout', '--http'], '; did you mean --heartbeat-timeout?'],
    ['frobnicate', ['train', 'token'], ''],
    ['', ['train', 'token'], ''],
    ['x', [], ''],
  ])('%j among %j', (word, candidates, expected) => {
    expect(didYouMean(word, candidates)).toBe(expected);
  });
});
