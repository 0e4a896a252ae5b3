import type { BackendWay } from './backend-choice.js';
import type { AddonProof } from './native-addon.js';

/** One way to the native backend. */
export interface Rung {
  readonly way: BackendWay;
  readonly name: string;
  /** Undefined if there was nothing to try, which is not reported. */
  readonly attempt: () => Promise<AddonProof | undefined>;
}

export interface Climb {
  /** The first way that worked, with TensorFlow's version; absent if none did. */
  readonly reached?: { readonly way: BackendWay; readonly version: string };
  /** Why each way before it failed. */
  readonly passedOver: readonly string[];
}

/** Tries one way after another until one works; reports each failure at once. */
export async function climb(
  rungs: readonly Rung[],
  passOver: (reason: string) => void,
): Promise<Climb> {
  const passedOver: string[] = [];
  for (const { way, name, attempt } of rungs) {
    const proof = await attempt();
    if (proof === undefined) continue;
    if (proof.ok) return { reached: { way, version: proof.version }, passedOver };
    const reason = `${name}: ${proof.reason}`;
    passedOver.push(reason);
    passOver(reason);
  }
  return { passedOver };
}
