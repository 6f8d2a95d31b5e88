import type { Permission } from '../model/operation.ts';
import { conditionsHold } from './conditions.ts';
import type { Policy, Statement } from './policy.ts';
import { arnMatches, wildcardMatches } from './wildcard.ts';

/** What policies say to one question; an explicit deny wins over every allow. */
export type Decision = 'allowed' | 'implicitly denied' | 'explicitly denied';

/** Judges one permission by identity-based policies, with the condition keys that the request carries. */
export function evaluate(
  policies: readonly Policy[],
  permission: Permission,
  context: Readonly<Record<string, string>> = {},
): Decision {
  const all = { ...context, ...permission.context };
  const matching = policies
    .flatMap((policy) => policy.Statement)
    .filter(
      (statement) =>
        applies(statement, permission) && conditionsHold(statement.Condition ?? {}, all),
    );
  if (matching.some((statement) => statement.Effect === 'Deny')) return 'explicitly denied';
  return matching.some((statement) => statement.Effect === 'Allow')
    ? 'allowed'
    : 'implicitly denied';
}

function applies(statement: Statement, { action, resource }: Permission): boolean {
  const called = (pattern: string) => wildcardMatches(pattern.toLowerCase(), action.toLowerCase());
  const meant = (pattern: string) => pattern === '*' || arnMatches(pattern, resource);
  const actions =
    statement.NotAction === undefined
      ? listOf(statement.Action).some(called)
      : !listOf(statement.NotAction).some(called);
  const resources =
    statement.NotResource === undefined
      ? listOf(statement.Resource).some(meant)
      : !listOf(statement.NotResource).some(meant);
  return actions && resources;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
