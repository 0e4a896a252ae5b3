#!/usr/bin/env node
// Draws what `lockstep bench --json` and `bench/scaling.mjs --json` printed: where a step's time goes,
// and how the coordinator scales.
//
//   node bench/plot.mjs bench/results/speed.jsonl bench/results/scaling.jsonl > docs/performance.svg
import { readFileSync } from 'node:fs';

const WIDTH = 760;
const BAR = { left: 24, width: 712, height: 30 };
const CHART = { left: 64, top: 190, width: 640, height: 200 };
const COLOURS = [
  '#4e79a7',
  '#f28e2b',
  '#59a14f',
  '#e15759',
  '#b07aa1',
  '#edc948',
  '#76b7b2',
  '#9c755f',
];

const results = Object.assign(
  {},
  ...process.argv.slice(2).flatMap((path) =>
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ),
);

const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`;

/** One bar, as long as a step, in pieces of its phases; the small ones are gathered. */
function drawPhases({ phases, otherMs, wallMs }) {
  const all = Object.entries({ ...phases, other: Math.max(0, otherMs) }).sort(
    (a, b) => b[1] - a[1],
  );
  const large = all.filter(([, ms]) => ms / wallMs >= 0.015).slice(0, COLOURS.length - 1);
  const small = all.filter((each) => !large.includes(each));
  const rest = small.reduce((sum, [, ms]) => sum + ms, 0);
  const pieces = [...large, [small.map(([name]) => name).join(', '), rest]];
  let x = BAR.left;
  const drawn = pieces.map(([name, ms], i) => {
    const width = (BAR.width * ms) / wallMs;
    const bar = `<rect x="${x.toFixed(1)}" y="40" width="${width.toFixed(1)}" height="${BAR.height}" fill="${COLOURS[i]}"/>`;
    x += width;
    const column = BAR.left + (i % 4) * 180;
    const line = 92 + 20 * Math.floor(i / 4);
    const key = `<rect x="${column}" y="${line - 10}" width="11" height="11" fill="${COLOURS[i]}"/>`;
    return `${bar}${key}${text(column + 17, line, `${name} ${ms.toFixed(1)} ms`)}`;
  });
  const title = `Time per phase of a step of ${wallMs.toFixed(0)} ms, on its critical path`;
  return [text(BAR.left, 28, title, 'class="title"'), ...drawn].join('\n');
}

/** Share of perfect scaling against the number of workers, a line a shard size. */
function drawScaling(points) {
  const counts = [...new Set(points.map(({ workers }) => workers))].sort((a, b) => a - b);
  const span = Math.max(1, Math.log2(counts.at(-1) / counts[0]));
  const xOf = (workers) => CHART.left + (CHART.width * Math.log2(workers / counts[0])) / span;
  const yOf = (share) => CHART.top + CHART.height * (1 - Math.min(1, share));
  const grid = [0, 0.25, 0.5, 0.75, 0.9, 1].map(
    (share) =>
      `<line x1="${CHART.left}" x2="${CHART.left + CHART.width}" y1="${yOf(share)}" y2="${yOf(share)}" class="grid"/>` +
      text(CHART.left - 8, yOf(share) + 4, `${100 * share} %`, 'text-anchor="end"'),
  );
  const bottom = CHART.top + CHART.height + 18;
  const ticks = counts.map((count) => text(xOf(count), bottom, count, 'text-anchor="middle"'));
  const axis = text(CHART.left + CHART.width / 2, bottom + 18, 'workers', 'text-anchor="middle"');
  const sizes = [...new Set(points.map(({ shardSize }) => shardSize))];
  const lines = sizes.map((size, i) => {
    const series = points.filter((point) => point.shardSize === size);
    const path = series.map(
      ({ workers, share }) => `${xOf(workers).toFixed(1)},${yOf(share).toFixed(1)}`,
    );
    const key = text(
      CHART.left + 14 + i * 150,
      CHART.top + CHART.height - 12,
      `shards of ${size}`,
      `fill="${COLOURS[i]}"`,
    );
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${COLOURS[i]}" stroke-width="2"/>${key}`;
  });
  const title = 'Steps per second relative to one worker, simulated workers on one machine';
  const head = text(BAR.left, CHART.top - 16, title, 'class="title"');
  return [head, ...grid, ...ticks, axis, ...lines].join('\n');
}

const style = 'text{font:12px sans-serif}.title{font:bold 13px sans-serif}.grid{stroke:#ddd}';
const parts = [
  results.speed?.phases ? drawPhases(results.speed.phases) : '',
  results.scaling ? drawScaling(results.scaling) : '',
];
process.stdout
  .write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 430" width="${WIDTH}" height="430">
<style>${style}</style>
<rect width="100%" height="100%" fill="white"/>
${parts.join('\n')}
</svg>
`);
