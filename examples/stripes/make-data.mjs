/**
 * Writes a data set of noisy stripes in four directions as four idx files, the form that MNIST has:
 * a big-endian head of 32-bit numbers, then one byte a value.
 *
 *   node make-data.mjs FOLDER
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SIDE = 12;
const PERIOD = 6;
/** How far a stripe pattern moves on per row and per column, for each class. */
const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, -1],
];
/** idx's words for "bytes, in 3 dimensions" and "bytes, in 1". */
const [IMAGES, LABELS] = [0x0803, 0x0801];

const folder = process.argv[2];
if (folder === undefined) {
  console.error('Name the folder to write to: node make-data.mjs FOLDER');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
writeSplit('train', 4_000);
writeSplit('t10k', 500);

function writeSplit(name, count) {
  const labels = Uint8Array.from({ length: count }, (_, index) => index % DIRECTIONS.length);
  const images = Buffer.concat([...labels].map(drawStripes));
  const head = [IMAGES, count, SIDE, SIDE];
  writeFileSync(join(folder, `${name}-images-idx3-ubyte`), idx(head, images));
  writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), idx([LABELS, count], labels));
}

/** An image, as SIDE · SIDE grey levels. */
function drawStripes(label) {
  const [down, right] = DIRECTIONS[label];
  const phase = Math.random() * PERIOD;
  return Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
    const place = Math.floor(at / SIDE) * down + (at % SIDE) * right + phase;
    const wave = Math.sin((2 * Math.PI * place) / PERIOD);
    return 128 + 60 * wave + 67 * (2 * Math.random() - 1);
  });
}

function idx(head, bytes) {
  const words = Buffer.alloc(4 * head.length);
  head.forEach((word, index) => words.writeUInt32BE(word, 4 * index));
  return Buffer.concat([words, bytes]);
}
