import { LockstepError } from '@lockstep/core';
import type { CommandName, Early, Engine, EngineCommands } from '@lockstep/engine';
import { bytesOf, floats, hashOf, type Arithmetic } from './arithmetic.js';
import type { Process, World } from './world.js';

type Argument<Name extends CommandName> = EngineCommands[Name]['argument'];
type Result<Name extends CommandName> = EngineCommands[Name]['result'];
type EarlyListener<Name extends CommandName> = (part: Early<Name>) => void;

/** An engine in virtual time: commands run one after another, each takes a while. */
export class SimEngine implements Engine {
  readonly facts = { backend: 'wasm', tensorflow: 'none', device: 'cpu' } as const;
  readonly #world: World;
  readonly #process: Process;
  readonly #commands: Commands;
  readonly #durationMs: (command: CommandName) => number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    world: World,
    process: Process,
    arithmetic: Arithmetic,
    durationMs: (command: CommandName) => number,
  ) {
    this.#world = world;
    this.#process = process;
    this.#commands = new SimCommands(arithmetic);
    this.#durationMs = durationMs;
  }

  run<Name extends CommandName>(
    name: Name,
    argument: Argument<Name>,
    _transfer?: readonly ArrayBuffer[],
    early: EarlyListener<Name> = () => undefined,
  ): Promise<Result<Name>> {
    const result = this.#runAfter(this.#last, name, argument, early);
    this.#last = result.catch(() => undefined);
    return result;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #runAfter<Name extends CommandName>(
    previous: Promise<unknown>,
    name: Name,
    argument: Argument<Name>,
    early: EarlyListener<Name>,
  ): Promise<Result<Name>> {
    await previous;
    await this.#world.sleep(this.#durationMs(name), this.#process);
    const command = this.#commands[name]?.bind(this.#commands);
    if (!command) throw new LockstepError('internal', `no command ${name}`);
    return command(argument, early);
  }
}

type Commands = {
  readonly [Name in CommandName]?: (
    argument: Argument<Name>,
    early: EarlyListener<Name>,
  ) => Result<Name>;
};

/** The commands, by name, on the weights of one process. */
class SimCommands implements Commands {
  readonly #arithmetic: Arithmetic;
  readonly #pinned = new Map<number, Float32Array>();
  #version = 0;
  #weights: Float32Array;

  constructor(arithmetic: Arithmetic) {
    this.#arithmetic = arithmetic;
    this.#weights = arithmetic.initial();
  }

  prepare(): undefined {
    // It needs neither network nor data.
  }

  probe(): Result<'probe'> {
    return { fingerprint: 'same' };
  }

  memory(): Result<'memory'> {
    return { tensors: 1 };
  }

  initialise(): undefined {
    this.#version = 0;
    this.#weights = this.#arithmetic.initial();
  }

  load({ version, state }: Argument<'load'>): undefined {
    this.#version = version;
    this.#weights = floats(state);
  }

  export({ pinned }: Argument<'export'>): Result<'export'> {
    return pinned === undefined
      ? snapshot(this.#version, this.#weights)
      : snapshot(pinned, this.#kept(pinned));
  }

  hash(): Result<'hash'> {
    return { version: this.#version, stateSha256: hashOf(bytesOf(this.#weights)) };
  }

  computeGradient(
    { shard }: Argument<'computeGradient'>,
    early: EarlyListener<'computeGradient'>,
  ): Result<'computeGradient'> {
    if (shard.step !== this.#version + 1) {
      throw new LockstepError('internal', `step ${shard.step} with weights of ${this.#version}`);
    }
    const computed = this.#arithmetic.compute(this.#weights, shard);
    const { totals, payload, factoredSha256, sha256 } = computed;
    early({ factored: payload.factored, factoredSha256 });
    return { totals, dense: payload.dense, sha256, computeMs: 1, encodeMs: 0 };
  }

  reduceDense({ sections }: Argument<'reduceDense'>): Result<'reduceDense'> {
    return { dense: this.#arithmetic.reduce(sections) };
  }

  apply({ version, update }: Argument<'apply'>): Result<'apply'> {
    if (version !== this.#version + 1) {
      throw new LockstepError('internal', `update ${version} on ${this.#version}`);
    }
    this.#version = version;
    this.#weights = this.#arithmetic.apply(this.#weights, update);
    return { applyMs: 0 };
  }

  pin({ version, state }: Argument<'pin'>): undefined {
    this.#pinned.set(version, state ? floats(state) : this.#weights);
  }

  unpin({ version }: Argument<'unpin'>): undefined {
    this.#pinned.delete(version);
  }

  evaluate({ shard }: Argument<'evaluate'>): Result<'evaluate'> {
    return {
      ...{ metricSums: [1], lossSum: Math.abs(this.#kept(shard.version)[0]) },
      predictions: new Uint16Array(shard.sampleCount),
      confidences: new Float32Array(shard.sampleCount),
    };
  }

  firstFilters(): Result<'firstFilters'> {
    return { version: this.#version };
  }

  saveModel(): undefined {
    // Nothing reads the model of a simulation.
  }

  #kept(version: number): Float32Array {
    const weights = this.#pinned.get(version);
    if (!weights) throw new LockstepError('internal', `version ${version} is not kept`);
    return weights;
  }
}

function snapshot(version: number, weights: Float32Array): Result<'export'> {
  const state = bytesOf(weights);
  const hash = hashOf(state);
  return { version, state, weightsSha256: hash, stateSha256: hash };
}
