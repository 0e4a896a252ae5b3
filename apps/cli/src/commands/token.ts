import { LockstepError } from '@lockstep/core';
import {
  changeJoinTokens,
  judgeRecord,
  mintJoinToken,
  mintRoleToken,
  parseDuration,
  readJoinTokens,
  type JoinTokenRecord,
} from '@lockstep/security';
import { z } from 'zod';
import { outColours as pc } from '../output/colours.js';
import { defineCommand } from '../command.js';
import { didYouMean } from '../options/did-you-mean.js';
import { option, type Values } from '../options/option.js';
import { refuseUnused, type UnusedOption } from '../options/refuse-unused.js';
import { jsonOption } from '../options/run-options.js';
import { text } from '../options/schemas.js';

const MONTH_MS = 30 * 86_400_000;

/** A text such as `30d`, as milliseconds. */
const duration = z.string('must be a text').transform((written, context) => {
  const ms = parseDuration(written);
  if (ms !== undefined) return ms;
  const message = 'must be a number and s, m, h or d, for example 30d, and at most 3650d';
  context.addIssue({ code: 'custom', message, input: written });
  return z.NEVER;
});

const tokenOptions = {
  tokens: option(text.default('join-tokens.json'), {
    value: 'FILE',
    describe: 'the coordinator’s file of join tokens, which holds only their hashes',
    typedOnly: true,
  }),
  name: option(text.optional(), {
    value: 'NAME',
    describe: 'name of the worker that a new token is for',
    typedOnly: true,
  }),
  expires: option(duration.default(MONTH_MS), {
    value: 'TIME',
    describe: 'validity of a new token: 40s, 15m, 12h or 30d',
    defaultText: '30d',
    typedOnly: true,
  }),
  ...jsonOption,
};
type TokenOptions = Values<typeof tokenOptions>;

export const token = defineCommand({
  name: 'token',
  describe:
    'create, list or revoke join tokens of workers; secret: create a token for an admin or viewer',
  positional: [
    { syntax: '<action>', describe: 'create, list, revoke or secret' },
    { syntax: '[id]', describe: 'which token to revoke' },
  ],
  options: tokenOptions,
  run: async ({ options, words: [action = '', id], origins }) => {
    const act = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (!act) throw badAction(action);
    refuseUnused(origins, unusedBy(action));
    if (id !== undefined && action !== 'revoke') {
      throw new LockstepError('bad-option', `token ${action} takes no id: ${id}`, {
        remedy: 'omit it; only `lockstep token revoke` takes an id',
      });
    }
    process.stdout.write(`${await act(options, id)}\n`);
    return 0;
  },
});

/** Each resolves to the output, without the last line feed. */
const actions: Readonly<
  Record<string, (options: TokenOptions, id: string | undefined) => Promise<string>>
> = {
  create: async ({ name, tokens, expires, json }) => {
    if (name === undefined) {
      throw new LockstepError('bad-option', '--name is missing', {
        remedy: 'name the worker that the token is for, such as --name rack-4',
      });
    }
    const { token, record } = mintJoinToken(name, expires, Date.now());
    await changeJoinTokens(tokens, (records) => [...records, record]);
    process.stderr.write(
      `token ${record.id}, shown only once, is valid until ${record.expiresAt}\n`,
    );
    return json ? JSON.stringify({ token, ...shown(record) }) : token;
  },
  list: async ({ tokens, json }) => {
    const records = await readJoinTokens(tokens);
    if (json) return JSON.stringify({ tokens: records.map(shown) });
    return records.map(line).join('\n');
  },
  revoke: async ({ tokens, json }, id) => {
    const now = new Date().toISOString();
    let revoked: JoinTokenRecord | undefined;
    await changeJoinTokens(tokens, (records) =>
      records.map((record) => {
        if (record.id !== id) return record;
        return (revoked = { revokedAt: now, ...record });
      }),
    );
    if (!revoked) {
      throw new LockstepError('bad-option', `there is no token ${id ?? ''} in ${tokens}`, {
        remedy: 'see `lockstep token list` for the ids',
      });
    }
    return json ? JSON.stringify(shown(revoked)) : line(revoked);
  },
  secret: () => Promise.resolve(mintRoleToken()),
};

/** The options that an action does not use. */
function unusedBy(action: string): readonly UnusedOption[] {
  if (action === 'create') return [];
  const unused = action === 'secret' ? ['tokens', 'name', 'expires', 'json'] : ['name', 'expires'];
  return unused.map((name) => ({ name, because: `token ${action} does not use it` }));
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
