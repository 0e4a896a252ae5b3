import { LockstepError } from '@lockstep/core';
import {
  changeJoinTokens,
  judgeRecord,
  mintJoinToken,
  mintRoleToken,
  readJoinTokens,
  type JoinTokenRecord,
} from '@lockstep/security';
import { outColours as pc } from '../output/colours.js';
import type { CommandDefinition } from '../command.js';
import { didYouMean } from '../options/did-you-mean.js';
import { jsonOption } from '../options/option-table.js';
import { refuseUnused, type UnusedOption } from '../options/refuse-unused.js';
import type { OptionValues } from '../options/resolve-options.js';
import { tokenOptions } from '../options/token-options.js';

const MONTH_MS = 30 * 86_400_000;

export const token: CommandDefinition = {
  name: 'token',
  describe:
    'create, list or revoke the tokens by which workers join; secret: one for an admin or viewer',
  positional: [
    { syntax: '<action>', describe: 'create, list, revoke or secret' },
    { syntax: '[id]', describe: 'which token to revoke' },
  ],
  options: [...tokenOptions, jsonOption],
  run: async (options, [action = '', id], origins) => {
    const act = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (!act) throw badAction(action);
    refuseUnused(origins, unusedBy(action));
    if (id !== undefined && action !== 'revoke') {
      throw new LockstepError('bad-option', `${id} is an id, which token ${action} does not take`, {
        remedy: 'leave it out; only `lockstep token revoke` takes an id',
      });
    }
    process.stdout.write(`${await act(options, id)}\n`);
    return 0;
  },
};

/** Each gives what stdout is told, without the last line feed. */
const actions: Readonly<
  Record<string, (options: OptionValues, id: string | undefined) => Promise<string>>
> = {
  create: async (options) => {
    const name = options['name'] as string | undefined;
    if (name === undefined) {
      throw new LockstepError('bad-option', '--name is missing', {
        remedy: 'say whom the token is for, such as --name rack-4',
      });
    }
    const lifeMs = (options['expires'] as number | undefined) ?? MONTH_MS;
    const { token, record } = mintJoinToken(name, lifeMs, Date.now());
    await changeJoinTokens(fileOf(options), (records) => [...records, record]);
    process.stderr.write(
      `token ${record.id}, shown this once, is good until ${record.expiresAt}\n`,
    );
    return options['json'] === true ? JSON.stringify({ token, ...shown(record) }) : token;
  },
  list: async (options) => {
    const records = await readJoinTokens(fileOf(options));
    if (options['json'] === true) return JSON.stringify({ tokens: records.map(shown) });
    return records.map(line).join('\n');
  },
  revoke: async (options, id) => {
    const now = new Date().toISOString();
    let revoked: JoinTokenRecord | undefined;
    await changeJoinTokens(fileOf(options), (records) =>
      records.map((record) => {
        if (record.id !== id) return record;
        return (revoked = { revokedAt: now, ...record });
      }),
    );
    if (!revoked) {
      throw new LockstepError('bad-option', `there is no token ${id ?? ''} in ${fileOf(options)}`, {
        remedy: 'see `lockstep token list` for the ids',
      });
    }
    return options['json'] === true ? JSON.stringify(shown(revoked)) : line(revoked);
  },
  secret: () => Promise.resolve(mintRoleToken()),
};

/** The options that an action does not use. */
function unusedBy(action: string): readonly UnusedOption[] {
  if (action === 'create') return [];
  const unused = action === 'secret' ? ['tokens', 'name', 'expires', 'json'] : ['name', 'expires'];
  return unused.map((flag) => ({ flag, because: `token ${action} does not use it` }));
}

function fileOf(options: OptionValues): string {
  return options['tokens'] as string;
}

function state(record: JoinTokenRecord): 'valid' | 'expired' | 'revoked' {
  const verdict = judgeRecord(record, Date.now());
  if (verdict.kind === 'valid') return 'valid';
  return verdict.reason === 'token-revoked' ? 'revoked' : 'expired';
}

/** All of a record but its hash. */
function shown({ sha256: _, ...record }: JoinTokenRecord): object {
  return { ...record, state: state({ sha256: _, ...record }) };
}

function line(record: JoinTokenRecord): string {
  const { id, name, expiresAt, revokedAt } = record;
  const how = state(record);
  const colour = how === 'valid' ? pc.green : pc.yellow;
  const when = revokedAt === undefined ? `until ${expiresAt}` : `since ${revokedAt}`;
  return `${pc.bold(id)}  ${colour(how.padEnd(7))}  ${when}  ${name}`;
}

function badAction(action: string): LockstepError {
  const guess = didYouMean(action, Object.keys(actions));
  return new LockstepError('bad-option', `unknown action ${action}${guess}`, {
    remedy: 'say create, list, revoke or secret',
  });
}
