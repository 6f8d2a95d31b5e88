import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import { operation } from './operation.ts';
import type { Settings } from './settings.ts';

/** SSM Parameter Store: names and values. */
export class ParameterStore {
  readonly #settings: Settings;
  readonly #values = new Map<string, string>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  put(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** By name or ARN; a name with slashes has its first one in both spellings. */
  get(reference: string): string | undefined {
    const name = reference.replace(/^arn:aws:ssm:[^/]*:parameter/, '');
    return this.#values.get(name) ?? this.#values.get(name.replace(/^\//, ''));
  }

  arn(reference: string): string {
    if (reference.startsWith('arn:')) return reference;
    const { region, account } = this.#settings;
    return `arn:aws:ssm:${region}:${account}:parameter/${reference.replace(/^\//, '')}`;
  }

  operations() {
    const needs = (action: string, names: readonly string[]) =>
      names.map((name) => ({ action: `ssm:${action}`, resource: this.arn(name) }));
    const shown = (name: string, value: string) => ({
      Name: name,
      Value: value,
      Type: 'SecureString',
      ARN: this.arn(name),
      Version: 1,
    });
    return {
      GetParameter: operation(
        z.object({ Name: z.string(), WithDecryption: z.boolean().optional() }),
        {
          permissions: ({ Name }) => needs('GetParameter', [Name]),
          run: ({ Name }) => {
            const value = this.get(Name);
            if (value === undefined) throw new AwsError('ParameterNotFound', '');
            return { Parameter: shown(Name, value) };
          },
        },
      ),
      GetParameters: operation(
        z.object({ Names: z.array(z.string()).max(10), WithDecryption: z.boolean().optional() }),
        {
          permissions: ({ Names }) => needs('GetParameters', Names),
          run: ({ Names }) => ({
            Parameters: Names.flatMap((name) => {
              const value = this.get(name);
              return value === undefined ? [] : [shown(name, value)];
            }),
            InvalidParameters: Names.filter((name) => this.get(name) === undefined),
          }),
        },
      ),
      PutParameter: operation(
        z.object({
          Name: z.string(),
          Value: z.string(),
          Type: z.string().optional(),
          Overwrite: z.boolean().optional(),
        }),
        {
          permissions: ({ Name }) => needs('PutParameter', [Name]),
          run: ({ Name, Value, Overwrite }) => {
            if (this.get(Name) !== undefined && Overwrite !== true) {
              throw new AwsError('ParameterAlreadyExists', 'The parameter already exists.');
            }
            this.put(Name, Value);
            return { Version: 1, Tier: 'Standard' };
          },
        },
      ),
    };
  }
}
