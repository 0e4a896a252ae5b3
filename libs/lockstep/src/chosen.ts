/** An entry of a registry, with settings: what `optimizers.adam({ … })` returns. */
export interface Chosen {
  readonly name: string;
  /** By the names of their options; what is undefined has its default. */
  readonly settings: Readonly<Record<string, SettingValue | undefined>>;
}

export type SettingValue = string | number | boolean | readonly number[];

export function chosen(name: string, settings: object): Chosen {
  return { name, settings: { ...settings } };
}
