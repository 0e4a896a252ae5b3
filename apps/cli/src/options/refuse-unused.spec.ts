import { describe, expect, it } from 'vitest';
import { chaos } from '../commands/chaos.js';
import { coordinator } from '../commands/coordinator.js';
import { status } from '../commands/control.js';
import { token } from '../commands/token.js';
import type { CommandDefinition } from '../command.js';
import { refuseUnused } from './refuse-unused.js';

/** Runs a command in this process, with options as if they were typed. */
function run(
  command: CommandDefinition,
  typed: Readonly<Record<string, string>>,
  words: readonly string[] = [],
): Promise<number> {
  return command.invoke({ values: typed, unknown: [] }, words, {}, '/');
}

describe('an option that has no effect beside the others', () => {
  it.each<[string, CommandDefinition, Record<string, string>, string[], RegExp]>([
    [
      'chaos',
      chaos,
      { plan: 'every 5s kill-worker', kills: '3', every: '1' },
      [],
      /--kills .*\n--every /,
    ],
    [
      'coordinator',
      coordinator,
      { scaleTarget: 'deployment/x', redis: 'redis://h' },
      [],
      /--scale-target /,
    ],
    ['status', status, { http: '127.0.0.1:7', run: 'R', out: 'o' }, [], /--run .*\n--out /],
    ['token list', token, { name: 'x', expires: '1d' }, ['list'], /--name .*\n--expires /],
    ['token secret', token, { tokens: 'f' }, ['secret'], /--tokens /],
  ])('is refused: %s', async (_name, command, typed, words, message) => {
    const refused = run(command, typed, words);
    await expect(refused).rejects.toMatchObject({ code: 'bad-option' });
    await expect(refused).rejects.toThrow(message);
  });

  it('may stand in the config file and the environment', () => {
    const origins = { kills: { from: 'file', where: 'kills in lockstep.config.json' } } as const;
    expect(() => refuseUnused(origins, [{ name: 'kills', because: 'no' }])).not.toThrow();
  });
});
