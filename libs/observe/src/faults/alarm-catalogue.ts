/** Every alarm code with its remedy. `docs/errors.md` explains each; a test compares the two. */
export const alarmCatalogue = {
  'at-chance': 'start again with a tenth of the learning rate',
  'loss-exploded': 'start again with a tenth of the learning rate',
  diverged: 'start again with a tenth of the learning rate',
  'step-skipped': 'if it happens often, start again with a tenth of the learning rate',
  'tokens-unreadable': 'fix the file; the message says what is wrong',
  nondeterminism:
    'take the named machine out of service, then resume the run: it continues from the last checkpoint before that step, and computes it and those after it again',
  'dispute-undecided':
    'fix what the message names, then resume the run: the coordinator tries again to compute the shard',
  'checkpoint-damaged': 'nothing: the one before it was used',
  'disk-full': 'free some space; the run then continues by itself',
  'disk-failing': 'fix what the message names; the run then continues by itself',
  'redis-lost': 'fix what the message names; the run then continues by itself',
  'too-few-workers': 'start `lockstep worker`, or scale the workers',
  'worker-quarantined':
    'check that machine before it computes again; if it is unknown, revoke its join token',
  'worker-refused': 'fix what its reason names on that machine, then restart the worker',
  'tensorboard-unwritable': 'make the folder writable; the training continues without it',
  'mlflow-unreachable': 'nothing: everything is sent once it responds',
} as const satisfies Record<string, string>;

export type AlarmCode = keyof typeof alarmCatalogue;

/** The remedy of an alarm; a code of another version of Lockstep may be unknown here. */
export function alarmRemedy(code: string): string {
  return code in alarmCatalogue
    ? alarmCatalogue[code as AlarmCode]
    : 'see `docs/errors.md` of the version that raised it';
}
