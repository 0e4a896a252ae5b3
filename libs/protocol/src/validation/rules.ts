import { isName, LockstepError, NAME_RULE, printable } from '@lockstep/core';

/** A message with a value that the protocol does not allow; names message and field. */
export class ProtocolViolation extends LockstepError {
  constructor(what: string) {
    super('protocol-violation', what, {
      remedy: 'use the same version of Lockstep for the coordinator and all workers',
    });
  }
}

/**
 * What a field may hold. Only the functions below make rules, and each of them demands bounds: there
 * is none for any text or any number.
 */
class Rule<Value> {
  readonly #check: (value: Value, place: string) => Value;

  constructor(check: (value: Value, place: string) => Value) {
    this.#check = check;
  }

  /**
   * @param place message and field, for the error
   * @returns the value, free text in it made printable
   * @throws ProtocolViolation
   */
  check(value: Value, place: string): Value {
    return this.#check(value, place);
  }
}

/** A rule for a message. */
class MessageRule<Message> extends Rule<Message> {
  /** As in the .proto. */
  readonly messageName: string;

  constructor(messageName: string, check: (value: Message) => Message) {
    super(check);
    this.messageName = messageName;
  }
}
export type { MessageRule, Rule };

/** Whole numbers. */
export function whole({ min = 0, max }: { min?: number; max: number }): Rule<number> {
  return matching(
    (value) => Number.isSafeInteger(value) && value >= min && value <= max,
    `a whole number from ${min} to ${max}`,
  );
}

/** Finite numbers. */
export function finite({ min, max }: { min: number; max: number }): Rule<number> {
  return matching((value) => value >= min && value <= max, `a number from ${min} to ${max}`);
}

/** Numbers that a computation may have made NaN or infinite; finite ones are bounded. */
export function computed({ min, max }: { min: number; max: number }): Rule<number> {
  return matching(
    (value) => !Number.isFinite(value) || (value >= min && value <= max),
    `NaN, an infinity, or a number from ${min} to ${max}`,
  );
}

export function flag(): Rule<boolean> {
  return new Rule((value) => value);
}

/** One of an enum's numbers. */
export function enumOf<Value extends number>(...values: readonly Value[]): Rule<Value> {
  const known = new Set<Value>(values);
  return matching((value) => known.has(value), `one of ${values.join(', ')}`);
}

/** A name as `isName` allows. */
export function name(): Rule<string> {
  return matching(isName, NAME_RULE);
}

/** SHA-256 in lower-case hex. */
export function sha256(): Rule<string> {
  return matching((value) => /^[0-9a-f]{64}$/.test(value), '64 hexadecimal digits in lower case');
}

/** SHA-256 in lower-case hex, or nothing. */
export function sha256OrNone(): Rule<string> {
  return matching(
    (value) => /^([0-9a-f]{64})?$/.test(value),
    '64 hexadecimal digits in lower case, or nothing',
  );
}

/** W3C `traceparent`. */
export function traceParent(): Rule<string> {
  return matching(
    (value) => /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(value),
    'a W3C traceparent',
  );
}

/** Free text, which may hold any character and becomes printable. */
export function text({ max }: { max: number }): Rule<string> {
  const bounded = matching<string>((value) => value.length <= max, `at most ${max} characters`);
  return new Rule((value, place) => printable(bounded.check(value, place)));
}

/** Text that is parsed later, and unchanged here. */
export function source({ max }: { max: number }): Rule<string> {
  return matching((value) => value.length <= max, `at most ${max} characters`);
}

/** Bytes, of which only the number is checked. */
export function bytes({ min = 0, max }: { min?: number; max: number }): Rule<Uint8Array> {
  return matching(({ length }) => length >= min && length <= max, `${min} to ${max} bytes`);
}

export function list<Value>(each: Rule<Value>, { max }: { max: number }): Rule<Value[]> {
  const bounded = matching<Value[]>(({ length }) => length <= max, `at most ${max} entries`);
  return new Rule((values, place) =>
    bounded.check(values, place).map((value) => each.check(value, place)),
  );
}

export function map<Value>(
  key: Rule<string>,
  each: Rule<Value>,
  { max }: { max: number },
): Rule<Record<string, Value>> {
  const bounded = matching<[string, Value][]>(
    ({ length }) => length <= max,
    `at most ${max} entries`,
  );
  return new Rule((values, place) => {
    const entries = bounded.check(Object.entries(values), place);
    return Object.fromEntries(
      entries.map(([at, value]) => [key.check(at, place), each.check(value, place)]),
    );
  });
}

/** A field that may be absent. */
export function optional<Value>(rule: Rule<Value>): Rule<Value | undefined> {
  return new Rule((value, place) => (value === undefined ? undefined : rule.check(value, place)));
}

/** A message field that must be present. */
export function required<Value>(rule: Rule<Value>): Rule<Value | undefined> {
  return new Rule((value, place) => {
    if (value === undefined) throw refusal(place, 'a value: it must not be absent');
    return rule.check(value, place);
  });
}

/** A rule for each field: a field without one does not compile. */
export type Fields<Message> = { readonly [Field in keyof Message]-?: Rule<Message[Field]> };

/** @param messageName as in the .proto, for errors */
export function message<Message extends object>(
  messageName: string,
  fields: Fields<Message>,
): MessageRule<Message> {
  const names = Object.keys(fields) as (keyof Message & string)[];
  const rules = names.map((field) => {
    return { field, rule: fields[field], place: `${messageName}.${protoName(field)}` };
  });
  return new MessageRule(messageName, (value) => {
    let checked = value;
    for (const { field, rule, place } of rules) {
      const found = rule.check(value[field], place);
      if (found !== value[field]) checked = { ...checked, [field]: found };
    }
    return checked;
  });
}

type Choice = { readonly $case: string; readonly value: unknown } | undefined;
type CaseOf<Of extends Choice> = NonNullable<Of>['$case'];
type ValueOf<Of extends Choice, Case> = Extract<NonNullable<Of>, { readonly $case: Case }>['value'];

/** A rule for each case: a case without one does not compile. */
export type Cases<Of extends Choice> = {
  readonly [Case in CaseOf<Of>]: Rule<ValueOf<Of, Case>>;
};

/** @param absent what no case means: that a newer peer sent one that is not known here, or a mistake */
export function oneOf<Of extends Choice>(cases: Cases<Of>, absent: 'newer' | 'refused'): Rule<Of> {
  const none = `one of ${Object.keys(cases).map(protoName).join(', ')}`;
  const places = new Map<string, string>();
  return new Rule((choice, place) => {
    if (choice === undefined && absent === 'refused') throw refusal(place, none);
    return choice === undefined ? choice : checkCase(cases, choice, place, places);
  });
}

/** @param places of the cases: computed once, since each chunk of a gradient is a case */
function checkCase<Of extends Choice>(
  cases: Cases<Of>,
  choice: NonNullable<Of>,
  place: string,
  places: Map<string, string>,
): Of {
  const { $case, value } = choice;
  // The decoder makes only cases of the type, each with its value.
  const rule = cases[$case as CaseOf<Of>] as Rule<unknown>;
  const checked = rule.check(value, places.get($case) ?? placeOfCase($case, place, places));
  return checked === value ? choice : { ...choice, value: checked };
}

/** A case is a field of the message itself. */
function placeOfCase($case: string, place: string, places: Map<string, string>): string {
  const messageName = place.slice(0, place.indexOf('.'));
  const caseAt = `${messageName}.${protoName($case)}`;
  places.set($case, caseAt);
  return caseAt;
}

function matching<Value>(allows: (value: Value) => boolean, allowed: string): Rule<Value> {
  return new Rule((value, place) => {
    if (allows(value)) return value;
    throw refusal(place, allowed);
  });
}

/** The value itself is left out: it may be long, and anything. */
function refusal(place: string, allowed: string): ProtocolViolation {
  return new ProtocolViolation(`${place} is not allowed: it must be ${allowed}`);
}

/** `cpuSeconds` as `cpu_seconds`. */
function protoName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
