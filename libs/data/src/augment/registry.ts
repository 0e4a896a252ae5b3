import { LockstepError, Registry, type AugmentationSpec } from '@lockstep/core';
import type { Augmentation, Change } from './augmentation.js';
import * as registered from './registered.js';

/** Every augmentation, by name. */
export const augmentations = new Registry<Augmentation>('augmentation', Object.values(registered));

/**
 * Reads what `--augment` gives: names separated by commas, each perhaps with the value of its setting,
 * `flip,shift:2,rotate:10`.
 *
 * @throws LockstepError `bad-option` with a line for each mistake
 */
export function parseAugmentations(text: string): readonly AugmentationSpec[] {
  const parsed = text.split(',').map((part) => parseOne(part.trim()));
  const mistakes = parsed.flatMap((each) => each.mistakes);
  if (mistakes.length === 0) return parsed.map(({ spec }) => spec);
  throw new LockstepError('bad-option', mistakes.join('\n'), {
    remedy: `give ${usage()}, separated by commas`,
  });
}

function parseOne(part: string): { readonly spec: AugmentationSpec; readonly mistakes: string[] } {
  const [kind = '', value, ...more] = part.split(':');
  const entry = augmentations.entries.find(({ name }) => name === kind);
  const setting = entry && Object.keys(entry.schema.shape)[0];
  const wrong = (what: string) => ({ spec: { kind }, mistakes: [`--augment ${part}: ${what}`] });
  if (!entry) return wrong(`there is no augmentation ${kind}`);
  if (value === undefined) return { spec: { kind, ...entry.schema.parse({}) }, mistakes: [] };
  if (setting === undefined || more.length > 0) return wrong('it has one value at most');
  const given = entry.schema.safeParse({ [setting]: value === '' ? undefined : Number(value) });
  if (given.success && value !== '') return { spec: { kind, ...given.data }, mistakes: [] };
  return wrong(`${setting} ${given.error?.issues[0]?.message ?? 'is missing'}`);
}

/** How each is written: `flip`, `shift[:PIXELS]`. */
export function usage(): string {
  const all = augmentations.entries.map(({ name, schema }) => {
    const [setting] = Object.keys(schema.shape);
    return setting === undefined ? name : `${name}[:${setting.toUpperCase()}]`;
  });
  return all.join(', ');
}

/** What a RunSpec's augmentations do, in their order. */
export function changesOf(specs: readonly AugmentationSpec[]): readonly Change[] {
  return specs.map((spec) => {
    const { entry, settings } = augmentations.read(spec);
    return entry.make(settings);
  });
}
