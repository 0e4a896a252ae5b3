import { z } from 'zod';
import { defineSchedule } from './schedule.js';

export const constant = defineSchedule({
  name: 'constant',
  description: 'the same learning rate in every step',
  schema: z.object({}),
  make: () => () => 1,
});
