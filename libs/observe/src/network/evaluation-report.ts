import { LockstepError, type Evaluation } from '@lockstep/core';
import type { NetworkInspector } from './network-inspector.js';
import type { EvaluationAnswer } from './schemas.js';

/** The test images of one class, and how many were classified correctly. */
export interface ClassReport {
  readonly label: number;
  readonly count: number;
  readonly correctCount: number;
}

/** A misclassified test image. */
export interface Mistake {
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** The probability of the predicted class. */
  readonly confidence: number;
}

export interface EvaluationReport {
  /** [label][predicted]: how many test samples of a class were classified as which; empty beyond 100 classes. */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly ClassReport[];
  readonly mistakeCount: number;
  /** Most confident first. */
  readonly mistakes: readonly Mistake[];
}

/** Which mistakes are requested. */
export interface MistakeQuery {
  readonly most: number;
  readonly label?: number | undefined;
  readonly predicted?: number | undefined;
}

/**
 * The report of one of the kept evaluations: of the requested version, or of the newest.
 *
 * @param finished the kept evaluations, newest last
 * @throws LockstepError `bad-request` where the requested version is not kept
 */
export async function reportEvaluations(
  finished: readonly Evaluation[],
  network: Pick<NetworkInspector, 'spec' | 'testTargets'>,
  { version, ...query }: MistakeQuery & { readonly version?: number | undefined },
): Promise<EvaluationAnswer> {
  const versions = finished.map((each) => each.version);
  const found =
    version === undefined ? finished.at(-1) : finished.find((each) => each.version === version);
  if (version !== undefined && !found) {
    throw new LockstepError('bad-request', `no evaluation of version ${version} is kept`, {
      remedy: `choose one of ${versions.join(', ') || 'those to come'}`,
    });
  }
  if (!found) {
    const none = { version: null, testAccuracy: null, testLoss: null, metrics: {} };
    return { versions, ...none, ...NOTHING_CLASSIFIED };
  }
  const { target } = network.spec.data;
  const { testAccuracy = null, testLoss, metrics } = found;
  const figures = { versions, version: found.version, testAccuracy, testLoss, metrics };
  if (!('classes' in target)) return { ...figures, ...NOTHING_CLASSIFIED };
  const report = reportEvaluation(found, await network.testTargets(), target.classes, query);
  return {
    ...figures,
    confusion: report.confusion.map((row) => [...row]),
    classes: report.classes.map((each) => ({
      ...each,
      accuracy: each.count === 0 ? 0 : each.correctCount / each.count,
    })),
    mistakeCount: report.mistakeCount,
    mistakes: [...report.mistakes],
  };
}

const NOTHING_CLASSIFIED = { confusion: [], classes: [], mistakeCount: 0, mistakes: [] };
/** A matrix of more classes cannot be read. */
const MOST_CONFUSED = 100;

/** @param labels [testCount] */
export function reportEvaluation(
  { predictions, confidences }: Pick<Evaluation, 'predictions' | 'confidences'>,
  labels: ArrayLike<number>,
  classCount: number,
  wanted: MistakeQuery,
): EvaluationReport {
  const size = classCount > MOST_CONFUSED ? 0 : classCount;
  const confusion = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const counts = new Uint32Array(classCount);
  const correctCounts = new Uint32Array(classCount);
  const mistakes: Mistake[] = [];
  predictions.forEach((predicted, index) => {
    const label = labels[index];
    if (size > 0) confusion[label][predicted] += 1;
    counts[label] += 1;
    if (predicted === label) correctCounts[label] += 1;
    else mistakes.push({ index, label, predicted, confidence: confidences[index] });
  });
  const classes = Array.from(counts, (count, label) => ({
    ...{ label, count, correctCount: correctCounts[label] },
  }));
  const requested = mistakes.filter(
    ({ label, predicted }) =>
      label === (wanted.label ?? label) && predicted === (wanted.predicted ?? predicted),
  );
  requested.sort((a, b) => b.confidence - a.confidence || a.index - b.index);
  return {
    confusion,
    classes,
    mistakeCount: mistakes.length,
    mistakes: requested.slice(0, wanted.most),
  };
}
