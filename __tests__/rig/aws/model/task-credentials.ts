import type { Identities, Role } from '../iam/identities.ts';
import { AwsError } from './aws-error.ts';
import type { Settings } from './settings.ts';

/** What the credentials endpoint inside a task answers. */
export interface TaskCredentialsAnswer {
  readonly RoleArn: string;
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Token: string;
  readonly Expiration: string;
}

/** Credentials of task roles, as 169.254.170.2 hands them to containers. */
export class TaskCredentials {
  readonly #settings: Settings;
  readonly #identities: Identities;
  readonly #doors = new Map<
    string,
    { readonly role: Role; readonly session: string; readonly token: string | undefined }
  >();

  constructor(settings: Settings, identities: Identities) {
    this.#settings = settings;
    this.#identities = identities;
  }

  /** Opens a path for a task of this role. */
  open(role: Role, taskId: string): string {
    const path = `/v2/credentials/${taskId}`;
    const token = this.#settings.credentialsToken ? `token-of-${taskId}` : undefined;
    this.#doors.set(path, { role, session: taskId, token });
    return path;
  }

  /** The token that must be shown at this path, where the account asks for one. */
  token(path: string): string | undefined {
    return this.#doors.get(path)?.token;
  }

  /** Fresh credentials at each question. */
  get(path: string, shown?: string): TaskCredentialsAnswer {
    const door = this.#doors.get(path);
    if (door === undefined) throw new AwsError('NotFound', 'No credentials at this path.', 404);
    if (door.token !== undefined && door.token !== shown) {
      throw new AwsError('AccessDenied', 'The token of this task is another.', 403);
    }
    const issued = this.#identities.issue(
      door.role,
      door.session,
      this.#settings.taskCredentialsSeconds,
    );
    return {
      RoleArn: this.#identities.roleArn(door.role.name),
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      Token: issued.sessionToken ?? '',
      Expiration: issued.expiration?.toISOString() ?? '',
    };
  }
}
