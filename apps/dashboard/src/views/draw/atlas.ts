/** Layout of a layer's feature maps, in CSS pixels. */
export interface Atlas {
  readonly columns: number;
  readonly rows: number;
  /** Width and height of one map. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly gap: number;
  readonly width: number;
  readonly height: number;
}

/** One value of a layer. */
export interface Unit {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

const GAP = 4;
/** Bounds of a map's width, in CSS pixels, independent of its resolution. */
const TILE = { least: 36, most: 60, perValue: 2 } as const;

/**
 * Lays maps out in rows that fill a width.
 *
 * @param shape [height, width, channels]
 */
export function layOut(shape: readonly number[], availableWidth: number): Atlas {
  const [height = 1, width = 1, channels = 1] = shape;
  const preferred = Math.min(TILE.most, Math.max(TILE.least, TILE.perValue * width));
  const tileWidth = Math.min(preferred, Math.max(1, availableWidth));
  const tileHeight = Math.max(1, Math.round((tileWidth * height) / width));
  const fitting = Math.max(1, Math.floor((availableWidth + GAP) / (tileWidth + GAP)));
  // Prefer rows of equal length.
  const rows = Math.ceil(channels / fitting);
  const even = Math.ceil(channels / rows);
  const columns = Math.min(fitting, even);
  return {
    ...{ columns, rows, tileWidth, tileHeight, gap: GAP },
    width: columns * (tileWidth + GAP) - GAP,
    height: rows * (tileHeight + GAP) - GAP,
  };
}

/** A map's upper left corner. */
export function tileAt(atlas: Atlas, channel: number): { readonly x: number; readonly y: number } {
  return {
    x: (channel % atlas.columns) * (atlas.tileWidth + atlas.gap),
    y: Math.floor(channel / atlas.columns) * (atlas.tileHeight + atlas.gap),
  };
}

/** The unit at a point of the atlas; undefined between maps. */
export function unitAt(
  atlas: Atlas,
  shape: readonly number[],
  x: number,
  y: number,
): Unit | undefined {
  const [height = 1, width = 1, channels = 1] = shape;
  const tileX = Math.floor(x / (atlas.tileWidth + atlas.gap));
  const tileY = Math.floor(y / (atlas.tileHeight + atlas.gap));
  const channel = tileY * atlas.columns + tileX;
  const column = Math.floor(
    ((x - tileX * (atlas.tileWidth + atlas.gap)) / atlas.tileWidth) * width,
  );
  const row = Math.floor(
    ((y - tileY * (atlas.tileHeight + atlas.gap)) / atlas.tileHeight) * height,
  );
  const inside = tileX >= 0 && tileX < atlas.columns && tileY >= 0 && channel < channels;
  return inside && column >= 0 && column < width && row >= 0 && row < height
    ? { channel, row, column }
    : undefined;
}

/** The unit selected by an arrow key, or by Page Up and Page Down (another map). */
export function unitAfter(unit: Unit, key: string, shape: readonly number[]): Unit | undefined {
  const [height = 1, width = 1, channels = 1] = shape;
  const moves: Readonly<Record<string, readonly [number, number, number]>> = {
    ArrowLeft: [0, 0, -1],
    ArrowRight: [0, 0, 1],
    ArrowUp: [0, -1, 0],
    ArrowDown: [0, 1, 0],
    PageUp: [-1, 0, 0],
    PageDown: [1, 0, 0],
  };
  const move = moves[key];
  if (!move) return undefined;
  const within = (value: number, count: number): number => (value + count) % count;
  return {
    channel: within(unit.channel + move[0], channels),
    row: within(unit.row + move[1], height),
    column: within(unit.column + move[2], width),
  };
}
