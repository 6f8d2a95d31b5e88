/** A policy document as it is written in JSON. */
export interface Policy {
  readonly Version?: string;
  readonly Statement: readonly Statement[];
}

/** One statement of a policy. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, ConditionValue>>>>;
}

/** One or several values of a condition. */
export type ConditionValue = string | boolean | number | readonly (string | boolean | number)[];

/** Everything allowed. */
export const ADMINISTRATOR: Policy = {
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};
