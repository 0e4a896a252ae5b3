import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alarmCatalogue, alarmRemedy } from './alarm-catalogue.js';

const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
const [, alarms = ''] = page.split('## Alarms');
const documented = [...alarms.matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => code);

describe('the alarms', () => {
  it('are documented, code by code', () => {
    expect(documented).toEqual(Object.keys(alarmCatalogue));
  });

  it('have a remedy, an unknown one too', () => {
    expect(alarmRemedy('disk-full')).toBe(alarmCatalogue['disk-full']);
    expect(alarmRemedy('of-another-version')).toContain('docs/errors.md');
  });
});
