import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { LockstepError } from '@lockstep/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPicture, type PictureTarget } from './read-picture.js';

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

const grey: PictureTarget = { shape: [4, 4, 1], background: 'dark' };
const read = async (bytes: Uint8Array, target = grey) => readPicture(await file(bytes), target);
const close = (values: Float32Array, wanted: readonly number[]): void =>
  wanted.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 2));

describe('readPicture', () => {
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
    expect(format).toBe('1-bit grey');
  });

  it('gives colours to a model of colours, never inverted, and widens grey', async () => {
    const target: PictureTarget = { shape: [1, 2, 3], background: 'dark' };
    const coloured = await read(png('rgb', [[255, 255, 255, 255, 102, 0]], 2), target);
    close(coloured.values, [1, 1, 1, 1, 0.4, 0]);
    expect(coloured.inverted).toBe(false);
    close((await read(png('grey', [[51, 102]], 2), target)).values, [0.2, 0.2, 0.2, 0.4, 0.4, 0.4]);
  });

  it('inverts only where the background of the data is the other way round', async () => {
    const dark = png('grey', stroke, 4);
    expect((await read(dark, { shape: [4, 4, 1] })).inverted).toBe(false);
    const light = await read(dark, { shape: [4, 4, 1], background: 'light' });
    expect(light.inverted).toBe(true);
    close(
      light.values,
      expected.map((value) => 1 - value),
    );
  });

  it('keeps the aspect ratio and fills the rest with paper', async () => {
    const target: PictureTarget = { shape: [4, 4, 1] };
    const wide = png(
      'grey',
      [
        [200, 200, 200, 200],
        [200, 50, 50, 200],
      ].map((row) => [...row, ...row]),
      8,
    );
    const { values } = await read(wide, target);
    const paper = values[0] ?? 0;
    for (const place of [1, 2, 3, 12, 13, 14, 15]) expect(values[place]).toBeCloseTo(paper, 6);
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
        const { values } = await read(png('grey', rows, from), { shape: [to, to, 1] });
        const mean = rows.flat().reduce((sum, value) => sum + value, 0) / (255 * from * from);
        expect(values.reduce((sum, value) => sum + value, 0) / (to * to)).toBeCloseTo(mean, 4);
      }),
      { numRuns: 40 },
    );
  });
});

describe('readPicture refuses', () => {
  const sound = png(
    'rgba',
    each((v) => [0, 0, 0, v]),
    4,
  );
  const header = (width: number, height: number): Buffer => {
    const bytes = Buffer.from(sound);
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes;
  };
  it.each<[string, Uint8Array, string]>([
    [
      'a JPEG',
      Buffer.concat([
        Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
        Buffer.from('JFIF\0'),
        Buffer.alloc(300),
      ]),
      'it is a JPEG picture; predict reads PNG',
    ],
    ['a GIF', Buffer.from('GIF89a\x04\0\x04\0'), 'it is a GIF picture'],
    ['a PDF', Buffer.from('%PDF-1.7\n%'), 'it is a PDF document'],
    ['text', Buffer.from('a seven'), 'it is plain text'],
    ['nothing', Buffer.alloc(0), 'it is empty'],
    ['a truncated file', sound.subarray(0, sound.length - 30), 'PNG data cannot be read'],
    ['a header alone', sound.subarray(0, 20), 'ends within its PNG header'],
    ['a giant', header(5000, 10), 'it is 5000×10 pixels'],
    ['one that cannot be so large', header(4000, 4000), 'cannot hold its 4000×4000 pixels'],
    ['an empty one', header(0, 4), 'makes no sense'],
    [
      'a transparent one',
      png(
        'rgba',
        each(() => [9, 9, 9, 0]),
        4,
      ),
      'every pixel of it is transparent',
    ],
  ])('%s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'image-unreadable',
      message: expect.stringContaining(message) as string,
    });
  });

  it('what is not there, a folder, and samples of other channels', async () => {
    const none = readPicture(join(folder, 'none.png'), grey);
    await expect(none).rejects.toThrow('there is no such file');
    await expect(readPicture(folder, grey)).rejects.toThrow('it is a folder');
    await expect(read(sound, { shape: [4, 4, 5] })).rejects.toThrow('5 channels');
  });

  it('whatever a file holds, with a LockstepError or not at all', async () => {
    const damage = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(sound.length), async (changes, length) => {
        const bytes = Buffer.from(sound);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          const { values } = await read(
            bytes.subarray(0, length % 2 === 0 ? length : sound.length),
          );
          expect(values).toHaveLength(16);
        } catch (error) {
          expect(error).toBeInstanceOf(LockstepError);
        }
      }),
      { numRuns: 200 },
    );
  });
});
