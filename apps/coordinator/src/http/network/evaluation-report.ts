import type { Evaluation } from '@lockstep/core';

/** How well one class is told from the others. */
export interface ClassReport {
  readonly label: number;
  readonly count: number;
  readonly correctCount: number;
}

/** A test image that was taken for something else. */
export interface Mistake {
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** The probability that the network gave to what it took it for. */
  readonly confidence: number;
}

export interface EvaluationReport {
  /** [label][predicted]: how many test images of a class were taken for which. */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly ClassReport[];
  readonly mistakeCount: number;
  /** The most confident first. */
  readonly mistakes: readonly Mistake[];
}

/** Which mistakes are asked for. */
export interface MistakeQuery {
  readonly most: number;
  readonly label?: number | undefined;
  readonly predicted?: number | undefined;
}

/** @param labels [testCount] */
export function reportEvaluation(
  { predictions, confidences }: Pick<Evaluation, 'predictions' | 'confidences'>,
  labels: ArrayLike<number>,
  classCount: number,
  wanted: MistakeQuery,
): EvaluationReport {
  const confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  const mistakes: Mistake[] = [];
  predictions.forEach((predicted, index) => {
    const label = labels[index];
    confusion[label][predicted] += 1;
    if (predicted === label) return;
    mistakes.push({ index, label, predicted, confidence: confidences[index] });
  });
  const classes = confusion.map((row, label) => ({
    label,
    count: row.reduce((sum, count) => sum + count, 0),
    correctCount: row[label],
  }));
  const asked = mistakes.filter(
    ({ label, predicted }) =>
      label === (wanted.label ?? label) && predicted === (wanted.predicted ?? predicted),
  );
  asked.sort((a, b) => b.confidence - a.confidence || a.index - b.index);
  return {
    confusion,
    classes,
    mistakeCount: mistakes.length,
    mistakes: asked.slice(0, wanted.most),
  };
}
