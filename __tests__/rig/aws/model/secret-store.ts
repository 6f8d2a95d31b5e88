import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import { operation } from './operation.ts';
import type { Settings } from './settings.ts';

interface Secret {
  readonly arn: string;
  readonly name: string;
  value: string;
}

/** Secrets Manager: ARNs end in six random characters, and may be followed by a JSON key, stage and version. */
export class SecretStore {
  readonly #settings: Settings;
  readonly #suffix: () => string;
  readonly #secrets = new Map<string, Secret>();

  constructor(settings: Settings, suffix: () => string) {
    this.#settings = settings;
    this.#suffix = suffix;
  }

  /** Creates a secret, or gives it another value; returns its ARN. */
  put(name: string, value: string): string {
    const existing = this.#secrets.get(name);
    if (existing !== undefined) {
      existing.value = value;
      return existing.arn;
    }
    const arn = `${this.#prefix()}${name}-${this.#suffix()}`;
    this.#secrets.set(name, { arn, name, value });
    return arn;
  }

  /** By name, whole ARN, or an ARN with what `valueFrom` of a task definition appends to it. */
  find(reference: string): Secret | undefined {
    const arn = reference.split(':').slice(0, 7).join(':');
    return [...this.#secrets.values()].find(
      (secret) =>
        secret.name === reference ||
        secret.arn === arn ||
        arn === `${this.#prefix()}${secret.name}`,
    );
  }

  /** The value that a `valueFrom` means: the whole secret, or one key of its JSON. */
  resolve(valueFrom: string): string | undefined {
    const secret = this.find(valueFrom);
    const key = valueFrom.split(':')[7];
    if (secret === undefined || key === undefined || key === '') return secret?.value;
    const fields = JSON.parse(secret.value) as Readonly<Record<string, unknown>>;
    const value = fields[key];
    return typeof value === 'string' ? value : undefined;
  }

  operations() {
    const needs = (action: string, reference: string) => [
      {
        action: `secretsmanager:${action}`,
        resource: this.find(reference)?.arn ?? `${this.#prefix()}${reference}`,
      },
    ];
    return {
      GetSecretValue: operation(z.object({ SecretId: z.string() }), {
        permissions: ({ SecretId }) => needs('GetSecretValue', SecretId),
        run: ({ SecretId }) => {
          const secret = this.find(SecretId);
          if (secret === undefined) {
            throw new AwsError(
              'ResourceNotFoundException',
              "Secrets Manager can't find the specified secret.",
            );
          }
          return { ARN: secret.arn, Name: secret.name, SecretString: secret.value };
        },
      }),
      CreateSecret: operation(z.object({ Name: z.string(), SecretString: z.string() }), {
        permissions: ({ Name }) => needs('CreateSecret', Name),
        run: ({ Name, SecretString }) => {
          if (this.find(Name) !== undefined) {
            throw new AwsError(
              'ResourceExistsException',
              `The operation failed because the secret ${Name} already exists.`,
            );
          }
          return { ARN: this.put(Name, SecretString), Name };
        },
      }),
    };
  }

  #prefix(): string {
    return `arn:aws:secretsmanager:${this.#settings.region}:${this.#settings.account}:secret:`;
  }
}
