/** Why a launch never becomes a task, in words: what this side finds before, and after it has waited long enough. */
import { StoreError, type LaunchRequest } from '../../engine/ports.ts';
import type { Lane } from './lane.ts';
import { MOST_OVERRIDE_CHARACTERS } from './run-task-request.ts';
import { infrastructure, permanent, type Trouble } from './words.ts';

/** So long nothing could be launched: the attempts that wait are given up, and tried again within their budget. */
export const BLOCKED_MILLISECONDS = 15 * 60_000;

/** What is wrong with a request before AWS is asked. */
export function wrongRequest(request: LaunchRequest): Trouble | undefined {
  const names = Object.keys(request.secretValues);
  if (names.length > 0) {
    return permanent(
      `the secret ${names.join(', ')} cannot be handed to Fargate`,
      'Secret inputs of a lattice are known on this machine only, and nothing secret is put into the store.',
      'Keep it in Secrets Manager or the Parameter Store, and name it under `secrets` of the electron.',
    );
  }
  if (request.image === undefined) {
    return permanent(
      'the electron has no image',
      'On Fargate every task runs in an image.',
      'Give the lattice an `image`.',
    );
  }
  return undefined;
}

export function blocked(lane: Lane): Trouble {
  const minutes = BLOCKED_MILLISECONDS / 60_000;
  if (lane.reason === 'capacity') {
    return infrastructure(
      `${lane.spot ? 'Fargate Spot' : 'Fargate'} had no capacity for ${minutes} minutes`,
      'RunTask answered: Capacity is unavailable at this time.',
      lane.spot
        ? 'Set `spot: prefer` or `spot: false`, or give subnets in more zones.'
        : 'Give subnets in more zones with the input `subnets`.',
    );
  }
  return infrastructure(
    `the account's limit on ${lane.reason} was used up by others for ${minutes} minutes`,
    `None of this run's tasks were running, and RunTask answered: You've reached the limit on the number of ${lane.reason}.`,
    `Raise the quota ${lane.spot ? 'L-36FBB829' : 'L-3032A538'} in Service Quotas, or give the electron fewer \`vcpu\`.`,
  );
}

export function noAnswer(error: unknown): Trouble {
  const store = error instanceof StoreError;
  return infrastructure(
    store ? 'the launch could not be saved' : 'ECS did not answer',
    error instanceof Error ? error.message : String(error),
    'It is tried again.',
  );
}

export function tooLong(size: number): Trouble {
  return permanent(
    'the address of its spec is too long for RunTask',
    `The overrides have ${size} characters, and RunTask takes ${MOST_OVERRIDE_CHARACTERS}.`,
    'Choose a shorter `s3-prefix`, or shorter names of electrons.',
  );
}

export function inactiveAgain(fact: string): Trouble {
  return permanent(
    'its task definition is deregistered as soon as it is registered',
    fact,
    'See who deregisters definitions of the family in the input `task-family`.',
  );
}

export function badSecret(name: string, address: string): Trouble {
  return permanent(
    `the secret ${name} has an address that is not known`,
    `It is ${address}.`,
    'Write `secretsmanager:<name or ARN>`, with `#key` for one key of a JSON value, or `ssm:<name or ARN>`.',
  );
}
