import { whatIsWrongWith } from '@lockstep/redis';
import { isName, NAME_RULE } from '@lockstep/core';
import { parseScaleTarget } from '@lockstep/coordinator/scale-target';
import { z } from 'zod';
import { didYouMean } from './did-you-mean.js';

/** A whole number of at least `least`. */
export const whole = (least: number) =>
  z
    .number(`must be a whole number of at least ${least}`)
    .int(`must be a whole number of at least ${least}`)
    .min(least, `must be at least ${least}`);
/** A number above 0. */
export const positive = z.number('must be a number above 0').positive('must be above 0');
/** A number above 0 and at most 1. */
export const probability = z
  .number('must be a number above 0 and at most 1')
  .gt(0, 'must be above 0')
  .max(1, 'must be at most 1');
/** A number from 0 and below 1. */
export const fraction = z
  .number('must be a number from 0 and below 1')
  .min(0, 'must be at least 0')
  .lt(1, 'must be below 1');
/** A number above 0 and below 1. */
export const openFraction = z
  .number('must be a number above 0 and below 1')
  .gt(0, 'must be above 0')
  .lt(1, 'must be below 1');
/** Not empty. */
export const text = z.string('must be a text').min(1, 'must not be empty');
/** The name of a worker. */
export const name = text.refine(isName, `must be ${NAME_RULE}`);
/** `HOST:PORT`, with the host in brackets where it is an IPv6 address. */
export const address = z
  .string()
  .regex(/^(\[[^\]]+\]|[^\s:]+):\d{1,5}$/, 'must be HOST:PORT, for example 127.0.0.1:5050');
/** The address of a Redis; kept as text. */
export const redisUrl = z.string('must be a text').superRefine((text, context) => {
  const message = whatIsWrongWith(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message, input: text });
});
/** `http://…` or `https://…`. */
export const webAddress = z
  .string('must be a text')
  .refine(isWebAddress, 'must be an address that begins with http:// or https://')
  .refine(holdsNoLogin, 'must contain no user or password');
/** `HOST:PORT`, or a whole address. */
export const addressOrUrl = z
  .string()
  .regex(
    /^(https?:\/\/(\[[^\]]+\]|[^\s:/@]+)(:\d{1,5})?\/?|(\[[^\]]+\]|[^\s:]+):\d{1,5})$/,
    'must be HOST:PORT or https://HOST:PORT',
  );
/** A switch. */
export const onOff = z.boolean('must be true or false');
/** `deployment/NAME` and the like, optionally in a namespace. */
export const scaleTarget = z.string('must be a text').transform((text, context) => {
  const target = parseScaleTarget(text);
  if (target) return target;
  const message =
    'must be KIND/NAME or NAMESPACE/KIND/NAME, for example deployment/lockstep-worker';
  context.addIssue({ code: 'custom', message, input: text });
  return z.NEVER;
});
/** One of these words. */
export const oneOf = <const Name extends string>(...names: readonly Name[]) =>
  z.enum(names, `must be one of ${names.join(', ')}`);
/** Some of these words, separated by commas; each once. */
export const someOf = <Name extends string>(names: readonly Name[]) =>
  z.string('must be a text').transform((text, context): readonly Name[] => {
    const words = text.split(',').map((word) => word.trim());
    const known = words.flatMap((word) => names.find((name) => name === word) ?? []);
    if (known.length < words.length) {
      const wrong = words.find((word) => !names.some((name) => name === word)) ?? '';
      const guess = didYouMean(wrong, names);
      const message = `must be some of ${names.join(', ')}, separated by commas${guess}`;
      context.addIssue({ code: 'custom', message, input: text });
    }
    return [...new Set(known)];
  });

/** Whether a text is an http(s) address. */
export function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function holdsNoLogin(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
