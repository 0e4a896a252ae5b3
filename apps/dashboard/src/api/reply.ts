import type { paths } from '../generated/api.js';

type Json<Answer> = Answer extends { content: { 'application/json': infer Body } } ? Body : never;
type Good<Operation> = Operation extends { responses: { 200: infer Answer } }
  ? Json<Answer>
  : never;

/** The addresses that can be read. */
export type GetPath = {
  [Path in keyof paths]: paths[Path] extends { get: { responses: unknown } } ? Path : never;
}[keyof paths];

/** The addresses at which something can be done. */
export type PostPath = {
  [Path in keyof paths]: paths[Path] extends { post: { responses: unknown } } ? Path : never;
}[keyof paths];

/** What reading an address gives. */
export type Reply<Path extends GetPath> = Good<paths[Path]['get']>;

/** What doing something gives. */
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
