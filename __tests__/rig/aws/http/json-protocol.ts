import { AwsError } from '../model/aws-error.ts';
import type { Answer } from './request.ts';

const SERVICES: Readonly<Record<string, string>> = {
  AmazonEC2ContainerServiceV20141113: 'ecs',
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
  Logs_20140328: 'logs',
  AmazonSSM: 'ssm',
  secretsmanager: 'secretsmanager',
};

/** Service and call that an `X-Amz-Target` header names. */
export function readTarget(target: string): { readonly service: string; readonly action: string } {
  const [prefix = '', action = ''] = target.split('.');
  return { service: SERVICES[prefix] ?? prefix, action };
}

export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.length === 0 ? '{}' : body.toString('utf8')) as unknown;
  } catch {
    throw new AwsError('SerializationException', 'The body is not JSON.');
  }
}

/** AWS JSON 1.1: dates are seconds since the epoch, as numbers. */
export function jsonAnswer(output: unknown, requestId: string): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
    body: JSON.stringify(withSeconds(output)),
  };
}

export function jsonError(error: AwsError, requestId: string): Answer {
  return {
    status: error.status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.fields }),
  };
}

function withSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSeconds(inner)]));
}
