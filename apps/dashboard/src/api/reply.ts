import type { paths } from '../generated/api.js';

type Json<Answer> = Answer extends { content: { 'application/json': infer Body } } ? Body : never;
type Good<Operation> = Operation extends { responses: { 200: infer Answer } }
  ? Json<Answer>
  : never;

/** The paths that accept GET. */
export type GetPath = {
  [Path in keyof paths]: paths[Path] extends { get: { responses: unknown } } ? Path : never;
}[keyof paths];

/** The paths that accept POST. */
export type PostPath = {
  [Path in keyof paths]: paths[Path] extends { post: { responses: unknown } } ? Path : never;
}[keyof paths];

/** The body of a response to GET. */
export type Reply<Path extends GetPath> = Good<paths[Path]['get']>;

/** The body of a response to POST. */
export type Outcome<Path extends PostPath> = Good<paths[Path]['post']>;

export type RunReport = Reply<'/api/run'>;
export type RunState = RunReport['state'];
export type StepRow = Reply<'/api/steps'>['steps'][number];
export type Evaluated = Reply<'/api/steps'>['evaluations'][number];
export type WorkerRow = Reply<'/api/workers'>['workers'][number];
export type StepTimeline = Reply<'/api/timeline'>['steps'][number];
export type QueueReport = Reply<'/api/queue'>;
export type Alarm = Reply<'/api/alarms'>['alarms'][number];
export type CheckpointRow = Reply<'/api/checkpoints'>['checkpoints'][number];

/** Short names for responses about the network. */
export type ModelReport = Reply<'/api/model'>;
export type LayerRow = ModelReport['layers'][number];
export type ReceptiveField = NonNullable<LayerRow['receptiveField']>;
export type HistogramsReport = Reply<'/api/model/histograms'>;
export type ParameterRow = HistogramsReport['parameters'][number];
export type Histogram = ParameterRow['weights'];
export type Filters = NonNullable<Reply<'/api/model/filters'>['filters']>;
export type Prediction = Outcome<'/api/predict'>;
export type TestDigit = Reply<'/api/test-digits/{index}'>;
export type EvaluationReport = Reply<'/api/evaluation'>;
export type Mistake = EvaluationReport['mistakes'][number];
