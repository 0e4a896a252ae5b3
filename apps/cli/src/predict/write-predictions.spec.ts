import { expect, it } from 'vitest';
import { csvFormat, detailedFormat, jsonFormat, textFormat } from './write-predictions.js';

const run = { runId: 'run', inputShape: [2, 2, 1] };
const classes = { ...run, target: { classes: 3 } };
const named = { ...classes, classNames: ['cat', 'dog, wild', 'a "red\u001b[31m" fox'] };
const picture = { width: 9, height: 8, format: 'PNG', inverted: false };
const prediction = {
  source: 'a,b.png',
  values: new Float32Array(4),
  answers: Float32Array.of(0.25, 0.625, 0.125),
  picture,
};

it('prints a table whose columns are the classes', () => {
  const { head, line } = csvFormat(named);
  expect(head).toBe('source,class,cat,"dog, wild","a ""red\u001b[31m"" fox"\n');
  expect(line(prediction)).toBe('"a,b.png","dog, wild",0.25,0.625,0.125\n');
  const regression = csvFormat({ ...run, target: { values: 3 } });
  expect(regression.head).toBe('source,value 0,value 1,value 2\n');
  expect(regression.line(prediction)).toBe('"a,b.png",0.25,0.625,0.125\n');
});

it('prints an object per line', () => {
  expect(JSON.parse(jsonFormat(named).line(prediction))).toEqual({
    ...{ runId: 'run', source: 'a,b.png', digit: 1, className: 'dog, wild' },
    ...{ probabilities: [0.25, 0.625, 0.125], picture },
  });
  const unnamed = jsonFormat(classes).line(prediction);
  expect(JSON.parse(unnamed)).not.toHaveProperty('className');
});

it('prints names of classes without the terminal acting on them', () => {
  expect(textFormat(named).line(prediction)).toBe(' 62.5 %  dog, wild  a,b.png\n');
  const lines = detailedFormat(named).line(prediction).split('\n');
  expect(lines.slice(0, 3)).toEqual(['dog, wild', '  dog, wild   62.5 %', '  cat   25.0 %']);
  expect(lines[3]).toContain('\\u001b[31m');
  expect(lines[4]).toBe('picture: 9×8, PNG; read as 2×2 in grey');
});
