/** The words of a name in camel case, in lower case and separated: `learningRate` → `learning rate`. */
export function wordsOf(name: string, separator: string): string {
  return name.replace(/[A-Z]/g, (letter) => `${separator}${letter.toLowerCase()}`);
}

/** The flag of an option or a setting, without its dashes: `learningRate` → `learning-rate`. */
export function flagOf(name: string): string {
  return wordsOf(name, '-');
}
