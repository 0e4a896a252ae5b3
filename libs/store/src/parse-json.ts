import type { z } from 'zod';

/** The value that JSON bytes hold, if it is one of the schema's. */
export function parseJson<Value>(schema: z.ZodType<Value>, bytes: Uint8Array): Value | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
