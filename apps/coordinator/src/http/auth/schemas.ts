import { z } from 'zod';

export const loginRequest = z.strictObject({ token: z.string().min(1).max(1_000) });

export const sessionReport = z.object({
  role: z
    .enum(['viewer', 'admin'])
    .nullable()
    .meta({ description: 'null: nobody has logged in. A viewer looks, an admin steers too' }),
  loginRequired: z.boolean().meta({ description: 'false where everybody is an admin' }),
});
