import {
  canonicalJson,
  localPath,
  LockstepError,
  type DataSpec,
  type Initialisation,
  type ModelSpec,
  type RunSpec,
} from '@lockstep/core';
import { loadRunData, type DataSet } from '@lockstep/data';
import {
  builtInModels,
  chooseObjective,
  loadNetwork,
  makeObjective,
  parametersFor,
  type LossPlace,
  type Network,
  type Objective,
} from '@lockstep/model';
import { loadLayers } from '@lockstep/runtime/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import type { Early, EngineCommands, EngineRun } from './engine-protocol.js';
import { exportNetwork } from './export-network.js';
import { initialWeightsFrom } from './initial-weights.js';
import { probeNumerics } from './probe-numerics.js';
import { Training } from './training.js';

/** Every command's implementation. */
export type Commands = {
  readonly [Name in keyof EngineCommands]: (
    argument: EngineCommands[Name]['argument'],
    early: (part: Early<Name>) => void,
  ) => EngineCommands[Name]['result'] | Promise<EngineCommands[Name]['result']>;
};

interface Prepared {
  readonly run: EngineRun;
  readonly network: Network;
  readonly objective: Objective;
  readonly training: Training;
}

/**
 * @param userCode receives the path of a user's model file before it is loaded, and undefined after
 */
export function createCommands(userCode: (file: string | undefined) => void): Commands {
  let prepared: Prepared | undefined;
  const ready = (): Prepared => {
    if (prepared) return prepared;
    throw new LockstepError('internal', 'the engine has no run yet');
  };
  const training = (): Training => ready().training;
  const load = async (
    name: string,
    data: DataSpec,
    initialisation?: Initialisation,
  ): Promise<Network> => {
    if (!Object.hasOwn(builtInModels, name)) userCode(localPath(name));
    try {
      return await loadNetwork(name, data, loadLayers, initialisation);
    } finally {
      userCode(undefined);
    }
  };

  return {
    describeModel: async ({ model, data, loss = { given: {} }, ...sizes }) => {
      const network = await load(model, data);
      const objective = chooseObjective(network.objective, loss, placeOf(network, data));
      const spec = { ...modelSpec(network, sizes), ...objective };
      objectiveFor(spec, network, data); // tries a loss of the model's own
      return spec;
    },
    prepare: async (run) => {
      const { spec } = run;
      const network = await load(run.model, spec.data, spec.model.initialisation ?? 'tutorial');
      mustMatch(modelSpec(network, spec), spec.model, run.model);
      const objective = objectiveFor(spec.model, network, spec.data);
      const data = run.data === undefined ? undefined : await loadRunData(run.data, spec.data);
      if (data) mustBe(data, spec.data);
      const training = new Training(spec, network, objective, data);
      prepared = { run, network, objective, training };
      return undefined;
    },
    probe: async () => {
      const { run, network, objective } = ready();
      return { fingerprint: await probeNumerics(run.spec, network, objective) };
    },
    initialWeights: async ({ model, data, seed, given }) => {
      return initialWeightsFrom(await load(model, data), seed, given);
    },
    initialise: (given) => void training().initialise(given),
    load: ({ version, state, update }) => void training().load(version, state, update),
    export: ({ pinned }) => training().export(pinned),
    hash: () => training().hash(),
    computeGradient: ({ shard, clean }, early) => training().compute(shard, clean, early),
    reduceDense: ({ sections }) => training().reduceDense(sections),
    apply: ({ version, update }) => training().apply(version, update),
    pin: ({ version, state }) => void training().pin(version, state),
    unpin: ({ version }) => void training().unpin(version),
    evaluate: ({ shard }) => training().evaluate(shard),
    predict: ({ images }) => ({ probabilities: Float32Array.from(training().predict(images)) }),
    describeLayers: () => ready().network.layers,
    observe: ({ image, activations, dropoutOf, pinned }) =>
      training().inspect(pinned).observe(image, activations, dropoutOf),
    histograms: () => training().inspect().histograms(),
    firstFilters: ({ most }) => training().inspect().firstFilters(most),
    saveModel: ({ folder, pinned }) => training().saveModel(folder, pinned) as Promise<undefined>,
    exportModel: (target) =>
      exportNetwork((folder) => training().saveModel(folder), target) as Promise<undefined>,
    memory: () => ({ tensors: tf.memory().numTensors }),
  };
}

function placeOf(network: Network, { target }: DataSpec): LossPlace {
  return { outputs: network.outputs, target };
}

function objectiveFor(
  spec: Pick<ModelSpec, 'loss' | 'metrics'>,
  network: Network,
  data: DataSpec,
): Objective {
  return makeObjective(tf, spec, network.objective, placeOf(network, data));
}

/** A network's part of a ModelSpec: without loss and metrics. */
type NetworkSpec = Omit<ModelSpec, 'loss' | 'metrics' | 'lowerIsBetter'>;

function modelSpec(network: Network, sizes: Pick<RunSpec, 'batch' | 'shardSize'>): NetworkSpec {
  const { name, sourceSha256, definitionSha256, initialisation, buffers } = network;
  return {
    name,
    ...(sourceSha256 === undefined ? {} : { sourceSha256 }),
    ...(definitionSha256 === undefined ? {} : { definitionSha256 }),
    ...(initialisation === 'tutorial' ? {} : { initialisation }),
    parameters: parametersFor(network, sizes),
    ...(buffers.length === 0 ? {} : { buffers }),
  };
}

/** A model file may have been renamed: its content tells which model it is. */
function mustMatch(found: NetworkSpec, whole: ModelSpec, path: string): void {
  const { loss: _loss, metrics: _metrics, lowerIsBetter: _lower, ...wanted } = whole;
  const { definitionSha256, ...rest } = found;
  // Runs that began before definitions were recorded are compared without.
  const known = wanted.definitionSha256 === undefined ? rest : { ...rest, definitionSha256 };
  const name = found.sourceSha256 === undefined ? found.name : wanted.name;
  if (canonicalJson({ ...known, name }) === canonicalJson(wanted)) return;
  const isSameFile = found.sourceSha256 === wanted.sourceSha256;
  const reason = isSameFile
    ? 'its layers are others: a file that it imports has changed, or the version of Lockstep'
    : `${path} has changed`;
  throw new LockstepError(
    'model-invalid',
    `model ${found.name} is not the one the run began with: ${reason}`,
    { remedy: 'use the same model file and the same version of Lockstep everywhere' },
  );
}

function mustBe(found: DataSet, wanted: DataSpec): void {
  if (found.sha256 === wanted.sha256) return;
  throw new LockstepError(
    'data-damaged',
    `data set ${found.name} here is not the one the run is trained on`,
    { remedy: 'give the worker the same files with --data' },
  );
}
