import type { ConditionValue, Statement } from './policy.ts';
import { arnMatches, wildcardMatches } from './wildcard.ts';

type Test = (actual: string, wanted: string) => boolean;

const POSITIVE: Readonly<Record<string, Test>> = {
  StringEquals: (actual, wanted) => actual === wanted,
  StringEqualsIgnoreCase: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  StringLike: (actual, wanted) => wildcardMatches(wanted, actual),
  ArnEquals: (actual, wanted) => arnMatches(wanted, actual),
  ArnLike: (actual, wanted) => arnMatches(wanted, actual),
  Bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  NumericEquals: (actual, wanted) => Number(actual) === Number(wanted),
  NumericLessThan: (actual, wanted) => Number(actual) < Number(wanted),
  NumericLessThanEquals: (actual, wanted) => Number(actual) <= Number(wanted),
  NumericGreaterThan: (actual, wanted) => Number(actual) > Number(wanted),
  NumericGreaterThanEquals: (actual, wanted) => Number(actual) >= Number(wanted),
  DateLessThan: (actual, wanted) => Date.parse(actual) < Date.parse(wanted),
  DateGreaterThan: (actual, wanted) => Date.parse(actual) > Date.parse(wanted),
};

/** An operator that says no to every value names the one it negates. */
const NEGATIVE: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
};

/** Whether all conditions of a statement hold. A key that the request lacks fails a positive test and passes a negative one. */
export function conditionsHold(
  condition: NonNullable<Statement['Condition']>,
  context: Readonly<Record<string, string>>,
): boolean {
  const lower = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holds(operator, lower.get(key.toLowerCase()), listOf(wanted)),
    ),
  );
}

function holds(spelled: string, actual: string | undefined, wanted: readonly string[]): boolean {
  const operator = spelled.replace(/^For(AnyValue|AllValues):/, '');
  if (operator === 'Null') return wanted.includes(String(actual === undefined));
  const ifExists = operator.endsWith('IfExists');
  const name = ifExists ? operator.slice(0, -'IfExists'.length) : operator;
  if (actual === undefined && (ifExists || spelled.startsWith('ForAllValues:'))) return true;
  const negated = NEGATIVE[name];
  const test = POSITIVE[negated ?? name];
  // A policy that this engine cannot judge must not pass as one that allows.
  if (test === undefined) throw new Error(`The condition operator ${spelled} is not simulated`);
  if (actual === undefined) return negated !== undefined;
  const some = wanted.some((value) => test(actual, value));
  return negated === undefined ? some : !some;
}

function listOf(value: ConditionValue): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}
