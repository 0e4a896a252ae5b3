/** The four files of a data set in MNIST's form, in the order in which they make its hash. */
export interface DataFiles<T> {
  readonly trainImages: T;
  readonly trainLabels: T;
  readonly testImages: T;
  readonly testLabels: T;
}

/** The idx files of a data set; `test` is absent where samples have to be divided. */
export interface IdxSet<T> {
  readonly train: IdxHalf<T>;
  readonly test?: IdxHalf<T> | undefined;
}

export interface IdxHalf<T> {
  readonly inputs: T;
  readonly targets: T;
}

export function setOf<T>({ trainImages, trainLabels, ...test }: DataFiles<T>): IdxSet<T> {
  return {
    train: { inputs: trainImages, targets: trainLabels },
    test: { inputs: test.testImages, targets: test.testLabels },
  };
}

export function mapSet<T, U>({ train, test }: IdxSet<T>, map: (each: T) => U): IdxSet<U> {
  const half = ({ inputs, targets }: IdxHalf<T>): IdxHalf<U> => ({
    inputs: map(inputs),
    targets: map(targets),
  });
  return { train: half(train), ...(test && { test: half(test) }) };
}
