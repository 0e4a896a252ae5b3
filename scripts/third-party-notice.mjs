import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './steps.mjs';

const LICENSE_TEXT = /^(licen[cs]e|copying|notice)([.-].*)?$/i;
const LINE = '-'.repeat(80);

/**
 * The licences of all npm packages that the published code may contain, with the texts that they bring: those of
 * the lock that are not for development only. Their licences ask for the texts to go with copies of the code.
 */
export function thirdPartyNotice() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const parts = Object.entries(packages)
    .filter(([path, { dev, link }]) => path.startsWith('node_modules/') && !dev && !link)
    .map(([path]) => join(root, path))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map(licenceOf);
  return [...new Set(parts)].sort().join(`\n${LINE}\n\n`);
}

function licenceOf(folder) {
  const { name, version, license, author, homepage } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENSE_TEXT.test(entry.name))
    .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim());
  const by = typeof author === 'object' ? author.name : author;
  const head = [`${name} ${version}`, license, by, homepage].filter(Boolean).join('\n');
  return `${[head, ...texts].join('\n\n')}\n`;
}
