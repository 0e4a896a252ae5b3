import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { asTypedHere, programName } from './program-name.js';

function folderWithProgram(...below: string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'lockstep-path-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = join(root, ...below);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'lockstep'), '#!/bin/sh\n');
  chmodSync(join(folder, 'lockstep'), 0o755);
  return folder;
}

it('is lockstep where the shell finds it, and npx lockstep in a clone', () => {
  expect(programName(['/none', folderWithProgram()].join(delimiter))).toBe('lockstep');
  expect(programName('/none')).toBe('npx lockstep');
  expect(programName(folderWithProgram('node_modules', '.bin'))).toBe('npx lockstep');
});

it('is put into the commands of a remedy, and nowhere else', () => {
  const remedy = 'see `lockstep --help`, or `lockstep` of lockstep; `lockstep.config.json` stays';
  expect(asTypedHere(remedy, 'npx lockstep')).toBe(
    'see `npx lockstep --help`, or `npx lockstep` of lockstep; `lockstep.config.json` stays',
  );
});
