/** What the workers made of the whole test set at one version. */
export interface Evaluation {
  readonly version: number;
  readonly testAccuracy: number;
  /** Mean cross-entropy, in nats. */
  readonly testLoss: number;
  /** [testCount], the predicted class of each test sample */
  readonly predictions: Uint8Array;
  /** [testCount], the probability of that class */
  readonly confidences: Float32Array;
}
