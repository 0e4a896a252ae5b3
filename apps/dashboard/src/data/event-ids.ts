/**
 * The earlier of two ids of one coordinator's events, `<coordinator>-<number>`. To follow from it
 * brings some events twice, which does no harm; from the later one, some would never come.
 */
export function earlierEvent(a: string, b: string): string {
  return numberOf(a) <= numberOf(b) ? a : b;
}

function numberOf(id: string): number {
  const number = Number.parseInt(id.slice(id.lastIndexOf('-') + 1), 10);
  return Number.isNaN(number) ? 0 : number;
}
