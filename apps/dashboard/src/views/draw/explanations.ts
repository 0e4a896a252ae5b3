/** What a layer does, for somebody who has never seen one. */
export interface Explanation {
  readonly title: string;
  readonly text: string;
  /** What is new where such a layer comes a second time. */
  readonly again?: string;
}

const explanations: Readonly<Record<string, Explanation>> = {
  conv2d: {
    title: 'Convolution',
    text: 'A small filter slides over what came before. Where it finds what it looks for, its map lights up; where it finds the opposite, the map goes below zero. Every filter makes one feature map: the first ones find edges and strokes, later ones corners, loops and crossings.',
    again:
      'The same once more, but over all maps before it together. A filter here looks for a mixture of what those found: a stroke that ends, a corner, a piece of a loop. And each unit sees more of the picture.',
  },
  relu: {
    title: 'ReLU',
    text: 'Whatever is below zero becomes zero; the rest stays. What a filter did not find no longer counts, only what it found. Without such a bend, many layers together could do no more than one.',
    again: 'What is below zero becomes zero here as well: only what was found goes on.',
  },
  maxPool2d: {
    title: 'Pooling',
    text: 'Of every small window only the largest value goes on. The maps shrink, and it matters less whether a stroke stands a pixel further to the left: that it is there is kept, where exactly is not.',
    again:
      'The largest of every window once more. What remains is coarse: what was found, and roughly where.',
  },
  dense: {
    title: 'Fully connected',
    text: 'Every unit looks at all values before it at once and weighs them. Each square is one unit: those lit have found the mixture of strokes that they stand for.',
  },
  dropout: {
    title: 'Dropout',
    text: 'In training, units are switched off at random, others in each step, so that none can lean on a neighbour alone. For a prediction all of them work. Turn it on to see how little the answer changes.',
  },
  output: {
    title: 'Scores',
    text: 'One score for each class. Softmax turns them into probabilities: the highest score takes the largest share, and all shares together are 100 %.',
  },
};

/**
 * @param key as the API names it; a kind that is not known is shown by its name
 * @param again whether there was such a layer before
 */
export function explain(key: string, again: boolean): Pick<Explanation, 'title' | 'text'> {
  const found = explanations[key] ?? { title: key, text: '' };
  return { title: found.title, text: (again && found.again) || found.text };
}
