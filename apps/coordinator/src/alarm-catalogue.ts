/**
 * What a run can raise the alarm about, and what to do then. `docs/errors.md` explains every code; a
 * test holds the two together.
 */
export const alarmCatalogue = {
  'at-chance': 'begin again with a tenth of the learning rate',
  'loss-exploded': 'begin again with a tenth of the learning rate',
  diverged: 'begin again with a tenth of the learning rate',
  'tokens-unreadable': 'mend the file; the message says what is wrong',
  nondeterminism:
    'run `lockstep verify` on the last good checkpoint and take the machine named out of service',
  'checkpoint-damaged': 'nothing: the one before it was used',
  'disk-full': 'free some space: the run goes on by itself',
  'redis-lost': 'fix what the message names; the run then continues by itself',
  'too-few-workers': 'start `lockstep worker`, or scale the workers',
  'worker-quarantined': 'look into that machine before it computes again',
  'worker-refused': 'mend what its reason names on that machine, then start it again',
  'tensorboard-unwritable': 'see that the folder can be written; the training goes on without it',
  'mlflow-unreachable': 'nothing: it is told everything as soon as it answers',
} as const satisfies Record<string, string>;

export type AlarmCode = keyof typeof alarmCatalogue;

/** What to do about an alarm; one of another version of Lockstep may be unknown here. */
export function alarmRemedy(code: string): string {
  return code in alarmCatalogue
    ? alarmCatalogue[code as AlarmCode]
    : 'see `docs/errors.md` of the version that raised it';
}
