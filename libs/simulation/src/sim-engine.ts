import { LockstepError } from '@lockstep/core';
import type { CommandName, Early, Engine, EngineCommands } from '@lockstep/engine';
import { bytesOf, floats, hashOf, type Arithmetic } from './arithmetic.js';
import type { Process, World } from './world.js';

type Commands = {
  readonly [Name in CommandName]?: (
    argument: EngineCommands[Name]['argument'],
    early: (part: Early<Name>) => void,
  ) => EngineCommands[Name]['result'];
};

/** An engine in virtual time: commands run one after another, each takes a while. */
export function createSimEngine(
  world: World,
  process: Process,
  arithmetic: Arithmetic,
  durationMs: (command: CommandName) => number,
): Engine {
  const commands = createCommands(arithmetic);
  let last: Promise<unknown> = Promise.resolve();
  const run = async <Name extends CommandName>(
    name: Name,
    argument: EngineCommands[Name]['argument'],
    _transfer?: readonly ArrayBuffer[],
    early: (part: Early<Name>) => void = () => undefined,
  ): Promise<EngineCommands[Name]['result']> => {
    const turn = last;
    const mine = (async () => {
      await turn.catch(() => undefined);
      await world.sleep(durationMs(name), process);
      const command = commands[name];
      if (!command) throw new LockstepError('internal', `no command ${name}`);
      return command(argument, early);
    })();
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    facts: { backend: 'wasm', tensorflow: 'none', device: 'cpu' },
    run,
    close: () => Promise.resolve(),
  };
}

function createCommands(arithmetic: Arithmetic): Commands {
  let version = 0;
  let weights = arithmetic.initial();
  const pinned = new Map<number, Float32Array>();
  const snapshot = (at: number, of: Float32Array) => {
    const state = bytesOf(of);
    return { version: at, state, weightsSha256: hashOf(state), stateSha256: hashOf(state) };
  };
  return {
    prepare: () => undefined,
    probe: () => ({ fingerprint: 'same' }),
    memory: () => ({ tensors: 1 }),
    initialise: () => {
      version = 0;
      weights = arithmetic.initial();
    },
    load: (argument) => {
      version = argument.version;
      weights = floats(argument.state);
    },
    export: ({ pinned: wanted }) => {
      if (wanted === undefined) return snapshot(version, weights);
      const kept = pinned.get(wanted);
      if (!kept) throw new LockstepError('internal', `version ${wanted} is not kept`);
      return snapshot(wanted, kept);
    },
    hash: () => ({ version, stateSha256: hashOf(bytesOf(weights)) }),
    computeGradient: ({ shard }, early) => {
      if (shard.step !== version + 1) {
        throw new LockstepError('internal', `step ${shard.step} with weights of ${version}`);
      }
      const { totals, payload, factoredSha256, sha256 } = arithmetic.compute(weights, shard);
      early({ factored: payload.factored, factoredSha256 });
      return { totals, dense: payload.dense, sha256, computeMs: 1, encodeMs: 0 };
    },
    reduceDense: ({ sections }) => ({ dense: arithmetic.reduce(sections) }),
    apply: (argument) => {
      if (argument.version !== version + 1) {
        throw new LockstepError('internal', `update ${argument.version} on ${version}`);
      }
      version = argument.version;
      weights = arithmetic.apply(weights, argument.update);
      return { applyMs: 0 };
    },
    pin: (argument) => {
      pinned.set(argument.version, argument.state ? floats(argument.state) : weights);
    },
    unpin: (argument) => {
      pinned.delete(argument.version);
    },
    evaluate: ({ shard }) => {
      const kept = pinned.get(shard.version);
      if (!kept) throw new LockstepError('internal', `version ${shard.version} is not kept`);
      return {
        ...{ metricSums: [1], lossSum: Math.abs(kept[0]) },
        predictions: new Uint16Array(shard.sampleCount),
        confidences: new Float32Array(shard.sampleCount),
      };
    },
    firstFilters: () => ({ version }),
    saveModel: () => undefined,
    exportModel: () => undefined,
  };
}
