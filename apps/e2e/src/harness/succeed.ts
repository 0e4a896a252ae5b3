import { lockstep } from './lockstep.js';
import type { Sandbox } from './sandbox.js';

/** Runs a command that must succeed. @returns its output */
export async function succeed(sandbox: Sandbox, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await lockstep(sandbox, args);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout.trim();
}
