/** `learning-rate` → `learningRate`. */
export function keyOf(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** `learning-rate` → `LOCKSTEP_LEARNING_RATE`. */
export function variableOf(flag: string): string {
  return `LOCKSTEP_${flag.replaceAll('-', '_').toUpperCase()}`;
}
