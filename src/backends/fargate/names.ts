/** ARNs of what users name, and texts without the account's number. */
import type { AttemptRef } from '../../engine/ports.ts';
import type { FargateOptions } from './options.ts';

/** Name of the one container, in definitions and overrides. */
export const CONTAINER = 'task';
export const LOG_PREFIX = 'lattice';

type Account = Pick<FargateOptions, 'partition' | 'region' | 'account'>;

/** The ARN of a role that is given by name (also with its path) or by ARN. */
export function roleArn(role: string, { partition, account }: Account): string {
  if (role.startsWith('arn:')) return role;
  return `arn:${partition}:iam::${account}:role/${role.replace(/^\//, '')}`;
}

/** What `valueFrom` takes for `secretsmanager:<name or ARN>[#json-key]` and `ssm:<name or ARN>`; undefined for anything else. */
export function secretArn(address: string, account: Account): string | undefined {
  const match = /^(secretsmanager|ssm):(.+)$/.exec(address);
  const [, kind, rest = ''] = match ?? [];
  const base = `arn:${account.partition}:${kind}:${account.region}:${account.account}`;
  if (kind === 'ssm') {
    return rest.startsWith('arn:') ? rest : `${base}:parameter/${rest.replace(/^\//, '')}`;
  }
  if (kind !== 'secretsmanager') return undefined;
  const hash = rest.indexOf('#');
  const name = hash < 0 ? rest : rest.slice(0, hash);
  const arn = name.startsWith('arn:') ? name : `${base}:secret:${name}`;
  // Key, version stage and version id: all three colons are needed.
  return hash < 0 ? arn : `${arn}:${rest.slice(hash + 1)}::`;
}

/** The id at the end of a task's ARN. */
export function taskIdOf(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

/** The stream that the awslogs driver writes for a task. */
export function logStream(arn: string): string {
  return `${LOG_PREFIX}/${CONTAINER}/${taskIdOf(arn)}`;
}

/** One name for an attempt, for tables. */
export function attemptName({ runId, task, attempt }: AttemptRef): string {
  return `${runId}/${task}/${attempt}`;
}

export function refOf({ runId, task, attempt }: AttemptRef): AttemptRef {
  return { runId, task, attempt };
}

/** AWS's words without the account's number, which is printed nowhere. */
export function withoutAccount(text: string, account: string): string {
  return account === '' ? text : text.replaceAll(account, '<account>');
}
