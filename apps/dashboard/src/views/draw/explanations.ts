/** A layer's function, for readers who are new to neural networks. */
interface Explanation {
  readonly title: string;
  readonly text: string;
  /** Text for a second layer of the same kind. */
  readonly again?: string;
}

const explanations: Readonly<Record<string, Explanation>> = {
  conv2d: {
    title: 'Convolution',
    text: 'A small filter slides over the input. Its feature map is positive where the input matches the filter and negative where it matches the opposite. Each filter produces one feature map: filters of the first layer detect edges and strokes, those of later layers corners, loops and crossings.',
    again:
      'A second convolution, over all maps of the previous layer. Its filters detect combinations of features: the end of a stroke, a corner, a part of a loop. Each unit has a larger receptive field.',
  },
  relu: {
    title: 'ReLU',
    text: 'Negative values become zero; positive values are unchanged. Only features that were found are passed on. Without such a non-linearity, several layers could compute no more than one.',
    again: 'Negative values become zero here as well: only features that were found are passed on.',
  },
  maxPool2d: {
    title: 'Pooling',
    text: 'Keeps only the largest value of every small window. The maps shrink, and a shift of a stroke by one pixel matters less: the presence of a feature is kept, its exact position is not.',
    again:
      'Keeps the largest value of every window again. The result is coarse: which features were found, and roughly where.',
  },
  dense: {
    title: 'Fully connected',
    text: 'Each unit computes a weighted sum of all values of the previous layer. Each square is one unit: bright ones have detected their combination of features.',
  },
  dropout: {
    title: 'Dropout',
    text: 'During training, random units are dropped in each step, so that units do not depend on each other too much. Predictions use all units. Turn dropout on to see how little the prediction changes.',
  },
  output: {
    title: 'Scores',
    text: 'One score (logit) for each class. Softmax converts them to probabilities, which add up to 100 %.',
  },
  oneOutput: {
    title: 'Score',
    text: 'One score (logit): above 0 for class 1, below 0 for class 0. The sigmoid function converts it to the probability of class 1.',
  },
};

/**
 * @param key the API's name of the layer; unknown ones are shown by this name
 * @param again whether an earlier layer has the same kind
 */
export function explain(key: string, again: boolean): Pick<Explanation, 'title' | 'text'> {
  const found = explanations[key] ?? { title: key, text: '' };
  return { title: found.title, text: (again && found.again) || found.text };
}
