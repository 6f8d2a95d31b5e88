import type { Clock } from '../../../../src/base/clock.ts';
import { AwsError } from '../model/aws-error.ts';
import type { Ledger } from '../model/ledger.ts';
import type { Caller, Permission } from '../model/operation.ts';
import { conditionsHold } from './conditions.ts';
import { evaluate } from './evaluate.ts';
import type { Policy } from './policy.ts';

/** A role: what it may do, who may take it (absent: nobody from outside), and for how long. */
export interface Role {
  readonly name: string;
  readonly policies: readonly Policy[];
  /** The trust policy for web identities: their claims are judged by its conditions. */
  readonly trust?: Policy;
  /** Whether ECS may take it for tasks; true when absent. */
  readonly forTasks?: boolean;
  /** 3,600 when absent, AWS's default for a new role. */
  readonly maxSessionSeconds?: number;
}

/** What a signature is made with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

interface Holder {
  readonly credentials: Credentials;
  readonly caller: Caller;
  readonly policies: () => readonly Policy[];
}

/** Who exists in the account, whose keys are whose, and what each may do. */
export class Identities {
  readonly #clock: Clock;
  readonly #ledger: Ledger;
  readonly #account: string;
  readonly #holders = new Map<string, Holder>();
  readonly #roles = new Map<string, Role>();
  #issued = 0;

  constructor(parts: { clock: Clock; ledger: Ledger; account: string }) {
    this.#clock = parts.clock;
    this.#ledger = parts.ledger;
    this.#account = parts.account;
  }

  /** A user with keys that never expire. */
  addUser(user: { name: string; policies: readonly Policy[]; credentials: Credentials }): Caller {
    const { accessKeyId } = user.credentials;
    const caller = {
      arn: `arn:aws:iam::${this.#account}:user/${user.name}`,
      account: this.#account,
      accessKeyId,
    };
    this.#holders.set(accessKeyId, {
      credentials: user.credentials,
      caller,
      policies: () => user.policies,
    });
    return caller;
  }

  /** Creates a role, or replaces one of that name: sessions see its new policies at once. */
  addRole(role: Role): string {
    this.#roles.set(role.name, role);
    return this.roleArn(role.name);
  }

  roleArn(name: string): string {
    return `arn:aws:iam::${this.#account}:role/${name}`;
  }

  role(arn: string): Role | undefined {
    const prefix = this.roleArn('');
    return arn.startsWith(prefix) ? this.#roles.get(arn.slice(prefix.length)) : undefined;
  }

  /** Keys of a role's session, which expire. */
  issue(role: Role, session: string, seconds: number): Credentials & { readonly caller: Caller } {
    this.#issued += 1;
    const serial = String(this.#issued).padStart(12, '0');
    const credentials = {
      accessKeyId: `ASIASIM${serial}`,
      secretAccessKey: `simulated/secret/${serial}`,
      sessionToken: `simulated-session-${serial}`,
      expiration: new Date(this.#clock.now() + seconds * 1000),
    };
    const caller = {
      arn: `arn:aws:sts::${this.#account}:assumed-role/${role.name}/${session}`,
      account: this.#account,
      accessKeyId: credentials.accessKeyId,
    };
    const policies = () => this.#roles.get(role.name)?.policies ?? [];
    this.#holders.set(credentials.accessKeyId, { credentials, caller, policies });
    return { ...credentials, caller };
  }

  /** Whether the role's trust policy takes somebody with these claims. */
  trusts(role: Role, claims: Readonly<Record<string, string>>): boolean {
    return (role.trust?.Statement ?? []).some(
      (statement) =>
        statement.Effect === 'Allow' && conditionsHold(statement.Condition ?? {}, claims),
    );
  }

  /** The keys that an id stands for, so that a signature can be checked. */
  credentials(accessKeyId: string): Credentials | undefined {
    return this.#holders.get(accessKeyId)?.credentials;
  }

  /** Who signed; throws what AWS answers to unknown and to expired keys. */
  authenticate(accessKeyId: string, sessionToken?: string): Caller {
    const holder = this.#holders.get(accessKeyId);
    if (holder === undefined || holder.credentials.sessionToken !== sessionToken) {
      throw new AwsError(
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
      );
    }
    const { expiration } = holder.credentials;
    if (expiration !== undefined && expiration.getTime() <= this.#clock.now()) {
      throw new AwsError(
        'ExpiredTokenException',
        'The security token included in the request is expired',
      );
    }
    return holder.caller;
  }

  /** Whether this caller may, remembered in the ledger. */
  allows(caller: Caller, permission: Permission): boolean {
    const policies = this.#holders.get(caller.accessKeyId)?.policies() ?? [];
    return this.#judge(policies, permission, caller.arn) === 'allowed';
  }

  /** Whether a role may, as ECS asks it for a task that starts. */
  roleAllows(role: Role, permission: Permission): boolean {
    return this.#judge(role.policies, permission, this.roleArn(role.name)) === 'allowed';
  }

  /** Throws AWS's refusal, in its words, unless the caller may do all of it. */
  authorize(caller: Caller, permissions: readonly Permission[]): void {
    for (const permission of permissions) {
      const policies = this.#holders.get(caller.accessKeyId)?.policies() ?? [];
      const decision = this.#judge(policies, permission, caller.arn);
      if (decision === 'allowed') continue;
      const because =
        decision === 'explicitly denied'
          ? 'with an explicit deny in an identity-based policy'
          : `because no identity-based policy allows the ${permission.action} action`;
      throw new AwsError(
        'AccessDeniedException',
        `User: ${caller.arn} is not authorized to perform: ${permission.action} on resource: ${permission.resource} ${because}`,
      );
    }
  }

  #judge(
    policies: readonly Policy[],
    permission: Permission,
    caller: string,
  ): ReturnType<typeof evaluate> {
    const context = {
      'aws:CurrentTime': new Date(this.#clock.now()).toISOString(),
      'aws:PrincipalArn': caller,
    };
    const decision = evaluate(policies, permission, context);
    this.#ledger.permissions.push({ ...permission, caller, allowed: decision === 'allowed' });
    return decision;
  }
}
