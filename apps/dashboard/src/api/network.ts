import type { Outcome, Reply } from './reply.js';

/** What the API says of the network, in short names. */
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
