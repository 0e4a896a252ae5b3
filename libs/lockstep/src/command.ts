import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The bundled command: beside the library in the published package, in its own package in a clone. */
const PLACES = ['../command/main.js', '../../../apps/cli/dist/main.js'];

/** The path of the command's program. */
export function commandFile(): string {
  const files = PLACES.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return files.find((file) => existsSync(file)) ?? files[0] ?? '';
}
