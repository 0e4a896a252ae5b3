import { mnistFolder } from '@lockstep/data';
import { setUpPackage } from '@lockstep/runtime/set-up';

/** Where a data set is asked for by this name, it is fetched before the processes of a run need it. */
const FETCHED = 'mnist';

/**
 * Obtains native TensorFlow where an installed package has none yet, before the first command that
 * computes, and MNIST if `data` names it; says on stderr what it does. Quick where both are there.
 */
export async function setUpAtFirstUse(data?: string): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`set-up: ${line}\n`);
  await setUpPackage(say);
  if (data === FETCHED) await mnistFolder(say);
}
