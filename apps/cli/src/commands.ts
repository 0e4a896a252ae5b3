import type { CommandDefinition } from './command.js';

/** Loaded when called: a worker need not wait for what only a coordinator imports. */
export const commands: Readonly<Record<string, () => Promise<CommandDefinition>>> = {
  train: async () => (await import('./commands/train.js')).train,
  coordinator: async () => (await import('./commands/coordinator.js')).coordinator,
  worker: async () => (await import('./commands/worker.js')).worker,
  status: async () => (await import('./commands/control.js')).status,
  scale: async () => (await import('./commands/control.js')).scale,
  pause: async () => (await import('./commands/control.js')).pause,
  resume: async () => (await import('./commands/control.js')).resume,
  stop: async () => (await import('./commands/control.js')).stop,
  evaluate: async () => (await import('./commands/evaluate.js')).evaluate,
  predict: async () => (await import('./commands/predict.js')).predict,
  export: async () => (await import('./commands/export.js')).exportRun,
  verify: async () => (await import('./commands/verify.js')).verify,
  chaos: async () => (await import('./commands/chaos.js')).chaos,
  bench: async () => (await import('./commands/bench.js')).bench,
  token: async () => (await import('./commands/token.js')).token,
  certs: async () => (await import('./commands/certs.js')).certs,
  doctor: async () => (await import('./commands/doctor.js')).doctor,
  setup: async () => (await import('./commands/setup.js')).setup,
  version: async () => (await import('./commands/version.js')).version,
};
