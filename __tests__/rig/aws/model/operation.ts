import type { z } from 'zod';
import { AwsError } from './aws-error.ts';

/** Who calls, as the signature says. */
export interface Caller {
  readonly arn: string;
  readonly account: string;
  readonly accessKeyId: string;
}

/** One question that a call asks of IAM. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** A call whose input has been read. */
export interface Prepared<Output> {
  readonly permissions: readonly Permission[];
  run(caller: Caller): Output | Promise<Output>;
}

/** One call of a service. `Input` exists for callers in the same process; the wire brings `unknown`. */
export interface Operation<Input = never, Output = unknown> {
  readonly given?: (input: Input) => void;
  prepare(input: unknown): Prepared<Output>;
}

/** Makes an operation whose input has the given shape; another shape is the service's own validation error. */
export function operation<Schema extends z.ZodType, Output>(
  schema: Schema,
  parts: {
    readonly permissions?: (input: z.output<Schema>) => readonly Permission[];
    readonly run: (input: z.output<Schema>, caller: Caller) => Output | Promise<Output>;
  },
  invalid = 'InvalidParameterException',
): Operation<z.input<Schema>, Output> {
  return {
    prepare(input) {
      const read = schema.safeParse(input);
      if (!read.success) {
        const issue = read.error.issues[0];
        throw new AwsError(
          invalid,
          `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
        );
      }
      return {
        permissions: parts.permissions?.(read.data) ?? [],
        run: (caller) => parts.run(read.data, caller),
      };
    },
  };
}
