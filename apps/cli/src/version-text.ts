import { createRequire } from 'node:module';
import { z } from 'zod';

/** The version of this package, from its manifest one folder above the source and the bundle. */
export function versionText(): string {
  const manifest: unknown = createRequire(import.meta.url)('../package.json');
  return z.object({ version: z.string() }).parse(manifest).version;
}
