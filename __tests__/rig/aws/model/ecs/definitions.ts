import { AwsError } from '../aws-error.ts';
import type { Settings } from '../settings.ts';
import { offersSize } from './fargate-size.ts';
import type { RegisterInput } from './shapes.ts';

/** A revision of a task definition. */
export interface Definition {
  readonly arn: string;
  readonly revision: number;
  readonly input: RegisterInput;
  readonly registeredAt: number;
  status: 'ACTIVE' | 'INACTIVE';
}

/** What the API shows of a definition. */
export interface DefinitionView extends RegisterInput {
  readonly taskDefinitionArn: string;
  readonly revision: number;
  readonly status: string;
  readonly registeredAt: Date;
  readonly compatibilities: readonly string[];
}

/** The most a definition may hold, in characters of JSON. */
const MOST_CHARACTERS = 64 * 1024;

/** Task definitions: families of numbered revisions. */
export class Definitions {
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #families = new Map<string, Definition[]>();

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  register(input: RegisterInput): Definition {
    check(input);
    const revisions = this.#families.get(input.family) ?? [];
    this.#families.set(input.family, revisions);
    const revision = revisions.length + 1;
    const { region, account } = this.#settings;
    const arn = `arn:aws:ecs:${region}:${account}:task-definition/${input.family}:${revision}`;
    const definition: Definition = {
      arn,
      revision,
      input,
      registeredAt: this.#now(),
      status: 'ACTIVE',
    };
    revisions.push(definition);
    return definition;
  }

  /** By ARN, `family:revision` or `family`, which means its newest active revision. */
  find(reference: string): Definition | undefined {
    const name = reference.replace(/^arn:[^/]*\//, '');
    const [family = '', revision] = name.split(':');
    const revisions = this.#families.get(family) ?? [];
    if (revision !== undefined) return revisions[Number(revision) - 1];
    return revisions.findLast((definition) => definition.status === 'ACTIVE');
  }

  /** For RunTask: an inactive or unknown one is refused. */
  active(reference: string): Definition {
    const definition = this.find(reference);
    if (definition === undefined) {
      throw new AwsError('ClientException', 'TaskDefinition not found.');
    }
    if (definition.status === 'INACTIVE') {
      throw new AwsError('ClientException', 'TaskDefinition is inactive');
    }
    return definition;
  }

  /** ARNs of the active revisions of a family, or of all families. */
  list(familyPrefix?: string): readonly string[] {
    return [...this.#families]
      .filter(([family]) => familyPrefix === undefined || family.startsWith(familyPrefix))
      .flatMap(([, revisions]) => revisions)
      .filter((definition) => definition.status === 'ACTIVE')
      .map((definition) => definition.arn);
  }
}

/** A definition as the API shows it; tags stand beside it. */
export function viewDefinition(definition: Definition): DefinitionView {
  const { tags: _, ...input } = definition.input;
  return {
    ...input,
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.status,
    registeredAt: new Date(definition.registeredAt),
    compatibilities: ['EC2', 'FARGATE'],
  };
}

function check(input: RegisterInput): void {
  const refuse = (message: string) => new AwsError('ClientException', message);
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(input.family)) {
    throw refuse('Family contains invalid characters.');
  }
  if (input.containerDefinitions.length === 0) {
    throw refuse('Container list cannot be empty.');
  }
  if (input.containerDefinitions.length > 10) {
    throw refuse('Too many container definitions: at most 10.');
  }
  if (JSON.stringify(input).length > MOST_CHARACTERS) {
    throw refuse('Actual length of the task definition exceeds the maximum of 64 KiB.');
  }
  if (!input.containerDefinitions.some((container) => container.essential ?? true)) {
    throw refuse('At least one container must be marked essential.');
  }
  for (const role of [input.executionRoleArn, input.taskRoleArn]) {
    if (role === undefined || /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(role)) continue;
    throw refuse('Role is not valid');
  }
  if (!(input.requiresCompatibilities ?? []).includes('FARGATE')) return;
  if (input.networkMode !== 'awsvpc') {
    throw refuse("Fargate only supports network mode 'awsvpc'.");
  }
  if (!offersSize(input.cpu, input.memory)) {
    throw refuse('No Fargate configuration exists for given values.');
  }
  for (const { stopTimeout, logConfiguration } of input.containerDefinitions) {
    if (stopTimeout !== undefined && (stopTimeout < 2 || stopTimeout > 120)) {
      throw refuse('Stop timeout must be between 2 and 120 seconds.');
    }
    if (logConfiguration === undefined) continue;
    if (input.executionRoleArn === undefined) {
      throw refuse(
        'Fargate requires task definition to have execution role ARN to support log driver awslogs.',
      );
    }
    const options = logConfiguration.options ?? {};
    for (const option of ['awslogs-group', 'awslogs-region', 'awslogs-stream-prefix']) {
      if (logConfiguration.logDriver === 'awslogs' && options[option] === undefined) {
        throw refuse(`Log driver awslogs requires options: ${option}`);
      }
    }
  }
}
