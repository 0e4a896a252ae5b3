import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { decodePicture } from '@lockstep/data';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fitPicture, type FittedPicture, type PictureTarget } from './fit-picture.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(bytes: Uint8Array, name = 'picture.png'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const COLOUR_TYPES = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const;

/** A PNG of unfiltered rows of bytes. */
function png(
  type: keyof typeof COLOUR_TYPES,
  rows: readonly (readonly number[])[],
  width: number,
  { depth = 8, palette = [] }: { depth?: number; palette?: readonly number[] } = {},
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([depth, COLOUR_TYPES[type], 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(palette.length > 0 ? [chunk('PLTE', Uint8Array.from(palette))] : []),
    chunk('IDAT', deflateSync(Uint8Array.from(rows.flatMap((row) => [0, ...row])))),
    chunk('IEND', new Uint8Array()),
  ]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** A light stroke on dark, 4×4, in 0–255. */
const stroke = [
  [0, 0, 0, 0],
  [0, 255, 0, 0],
  [0, 255, 153, 0],
  [0, 0, 0, 0],
];
const expected = stroke.flat().map((value) => value / 255);
const each = (pixel: (value: number) => readonly number[]): number[][] =>
  stroke.map((row) => row.flatMap((value) => [...pixel(value)]));

const target = (
  [height, width, channels]: readonly [number, number, 1 | 3],
  others: Partial<PictureTarget> = {},
): PictureTarget => ({
  ...{ height, width, channels, isTrainedOnFiles: false, isStretched: false },
  ...others,
});
const grey = target([4, 4, 1], { background: 'dark' });
const read = async (bytes: Uint8Array, like = grey): Promise<FittedPicture> =>
  fitPicture(await decodePicture(await file(bytes)), like);
const close = (values: Float32Array, wanted: readonly number[]): void =>
  wanted.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 2));

describe('a picture', () => {
  it.each<[string, Buffer, boolean]>([
    ['grey', png('grey', stroke, 4), false],
    [
      'grey, dark on light',
      png(
        'grey',
        each((v) => [255 - v]),
        4,
      ),
      true,
    ],
    [
      '16-bit grey',
      png(
        'grey',
        each((v) => [v, v]),
        4,
        { depth: 16 },
      ),
      false,
    ],
    [
      'RGB',
      png(
        'rgb',
        each((v) => [v, v, v]),
        4,
      ),
      false,
    ],
    [
      'dark ink on transparent',
      png(
        'rgba',
        each((v) => [0, 0, 0, v]),
        4,
      ),
      true,
    ],
    [
      'light ink on transparent',
      png(
        'rgba',
        each((v) => [255, 255, 255, v]),
        4,
      ),
      false,
    ],
    [
      'grey ink with alpha',
      png(
        'greyAlpha',
        each((v) => [0, v]),
        4,
      ),
      true,
    ],
    [
      'dark on opaque paper',
      png(
        'rgba',
        each((v) => [255 - v, 255 - v, 255 - v, 255]),
        4,
      ),
      true,
    ],
    [
      'palette',
      png(
        'palette',
        each((v) => [[0, 153, 255].indexOf(v)]),
        4,
        { palette: [0, 0, 0, 153, 153, 153, 255, 255, 255] },
      ),
      false,
    ],
  ])('reads one stroke alike: %s', async (_, bytes, inverted) => {
    const picture = await read(bytes);
    close(picture.values, expected);
    expect(picture).toMatchObject({ width: 4, height: 4, inverted });
  });

  it('reads single bits, and what follows the end of a PNG is left out', async () => {
    const rows = [[0b00000000], [0b01000000], [0b01100000], [0b00000000]];
    const { values, format } = await read(
      Buffer.concat([png('grey', rows, 4, { depth: 1 }), Buffer.from('trailer')]),
    );
    close(values, [0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
    expect(format).toBe('PNG');
  });

  it('gives colours to a model of colours, never inverted, and widens grey', async () => {
    const colours = target([1, 2, 3], { background: 'dark' });
    const coloured = await read(png('rgb', [[255, 255, 255, 255, 102, 0]], 2), colours);
    close(coloured.values, [1, 1, 1, 1, 0.4, 0]);
    expect(coloured.inverted).toBe(false);
    close(
      (await read(png('grey', [[51, 102]], 2), colours)).values,
      [0.2, 0.2, 0.2, 0.4, 0.4, 0.4],
    );
  });

  it('inverts only where the background of the data is the other way round', async () => {
    const dark = png('grey', stroke, 4);
    expect((await read(dark, target([4, 4, 1]))).inverted).toBe(false);
    const light = await read(dark, target([4, 4, 1], { background: 'light' }));
    expect(light.inverted).toBe(true);
    close(
      light.values,
      expected.map((value) => 1 - value),
    );
  });

  it('keeps the aspect ratio and fills the rest with paper', async () => {
    const wide = png(
      'grey',
      [
        [200, 200, 200, 200],
        [200, 50, 50, 200],
      ].map((row) => [...row, ...row]),
      8,
    );
    const { values } = await read(wide, target([4, 4, 1]));
    const paper = values[0] ?? 0;
    for (const place of [1, 2, 3, 12, 13, 14, 15]) expect(values[place]).toBeCloseTo(paper, 2);
    expect(paper).toBeGreaterThan(0.5);
    // 8×2 becomes 4×1 in the middle: one half of it in each of the two middle rows.
    close(values.subarray(5, 6), [(paper + 200 / 255) / 2]);
    expect(values[9]).toBeLessThan(values[5] ?? 0);
  });

  it('keeps the mean of a picture that it shrinks or enlarges', async () => {
    const side = fc.integer({ min: 1, max: 12 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.integer({ min: 0, max: 255 }), async (from, to, level) => {
        const rows = Array.from({ length: from }, (_, y) =>
          Array.from({ length: from }, (__, x) => (level * (x + 1) * (y + 3)) % 256),
        );
        const { values } = await read(png('grey', rows, from), target([to, to, 1]));
        const mean = rows.flat().reduce((sum, value) => sum + value, 0) / (255 * from * from);
        expect(values.reduce((sum, value) => sum + value, 0) / (to * to)).toBeCloseTo(mean, 2);
      }),
      { numRuns: 40 },
    );
  });

  it('is read as those of a run of picture files: stretched, and on white', async () => {
    const like = target([1, 2, 3], { isTrainedOnFiles: true, isStretched: true });
    const light = png(
      'rgba',
      [
        [255, 0, 0, 255],
        [255, 0, 0, 0],
      ],
      1,
    );
    const { values, transparentOn } = await read(light, like);
    close(values, [1, 0.5, 0.5, 1, 0.5, 0.5]);
    expect(transparentOn).toBeUndefined();
    const clear = png(
      'greyAlpha',
      [
        [255, 0, 255, 0, 255, 0],
        [255, 0, 255, 255, 255, 0],
        [255, 0, 255, 0, 255, 0],
      ],
      3,
    );
    expect((await read(clear, like)).transparentOn).toBe('white');
    expect((await read(clear, { ...like, isTrainedOnFiles: false })).transparentOn).toBe('black');
  });

  it('is refused where every pixel is transparent', async () => {
    const clear = png(
      'rgba',
      each(() => [9, 9, 9, 0]),
      4,
    );
    await expect(read(clear)).rejects.toMatchObject({ code: 'image-unreadable' });
  });
});
