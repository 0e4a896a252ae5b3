export { train } from './train.js';
export type { TrainOptions } from './train-options.js';
export type { TrainingRun } from './training-run.js';
export type { RunResult } from './run-result.js';
export type { Chosen } from './chosen.js';
export * from './generated/options.js';
export { LockstepError, type ErrorCode, type RunEvent } from '@lockstep/core';
export * from '@lockstep/model/user-api';
