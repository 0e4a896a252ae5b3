import { z } from 'zod';
import { faultKinds } from '../chaos/fault.js';
import { parsePlan } from '../chaos/plan.js';
import { option } from './option.js';
import { positive, someOf, whole } from './schemas.js';

const PLAN_EXAMPLE = 'every 5s kill-worker; at 20% scale 4';

const plan = z.string('must be a text').transform((text, context) => {
  const { plan, senseless } = parsePlan(text);
  if (plan.length === 0 || senseless.length > 0) {
    const which = senseless.map((entry) => `; “${entry}” is not understood`).join('');
    const message = `must be like “${PLAN_EXAMPLE}”${which}`;
    context.addIssue({ code: 'custom', message, input: text });
  }
  return plan;
});

/** Which faults `lockstep chaos` injects. */
export const chaosOptions = {
  kills: option(whole(1).default(20), { value: 'N', describe: 'number of faults to inject' }),
  every: option(positive.default(2), {
    value: 'SECONDS',
    describe: 'mean time between two faults',
  }),
  only: option(someOf(faultKinds).optional(), {
    value: 'KIND,…',
    describe: `which kinds of faults: ${faultKinds.join(', ')}`,
    defaultText: 'all',
  }),
  plan: option(plan.optional(), {
    value: 'PLAN',
    describe: `inject these faults instead of random ones, for example “${PLAN_EXAMPLE}; at 7.5s freeze-worker 3s”`,
  }),
};
