import { z } from 'zod';
import { harmKinds } from '../chaos/harm.js';
import { parsePlan } from '../chaos/plan.js';
import type { OptionEntry } from './option-entry.js';
import { positive, someOf, whole } from './schemas.js';

const PLAN_EXAMPLE = 'every 5s kill-worker; at 20% scale 4';

const plan = z.string('must be a text').transform((text, context) => {
  const { plan, senseless } = parsePlan(text);
  if (plan.length === 0 || senseless.length > 0) {
    const which = senseless.map((entry) => `; “${entry}” makes no sense`).join('');
    const message = `must be like “${PLAN_EXAMPLE}”${which}`;
    context.addIssue({ code: 'custom', message, input: text });
  }
  return plan;
});

/** What harm `lockstep chaos` does. */
export const chaosOptions = [
  { flag: 'kills', value: 'N', describe: 'how many harmful acts', schema: whole(1), default: 20 },
  {
    flag: 'every',
    value: 'SECONDS',
    describe: 'mean time between two acts',
    schema: positive,
    default: 2,
  },
  {
    flag: 'only',
    value: 'KIND,…',
    describe: `which kinds of harm: ${harmKinds.join(', ')}`,
    schema: someOf(harmKinds),
    defaultText: 'all',
  },
  {
    flag: 'plan',
    value: 'PLAN',
    describe: `do this instead of acts at random, for example “${PLAN_EXAMPLE}; at 7.5s freeze-worker 3s”`,
    schema: plan,
  },
] as const satisfies readonly OptionEntry[];
