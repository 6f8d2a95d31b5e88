import { AwsError } from '../aws-error.ts';
import type { Settings } from '../settings.ts';
import type { Cluster } from './clusters.ts';
import type { RunTaskInput } from './shapes.ts';

/** All overrides together, as JSON. */
const MOST_OVERRIDE_CHARACTERS = 8192;

/** Throws what RunTask answers to a request that is wrong in itself. */
export function checkRunTask(input: RunTaskInput, cluster: Cluster, settings: Settings): void {
  checkShape(input);
  checkProviders(input, cluster);
  checkNetwork(input, settings);
}

function refuse(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

function checkShape(input: RunTaskInput): void {
  const count = input.count ?? 1;
  if (count < 1 || count > 10) throw refuse('Count must be between 1 and 10.');
  if (JSON.stringify(input.overrides ?? {}).length > MOST_OVERRIDE_CHARACTERS) {
    throw refuse('Container Overrides length must be at most 8192');
  }
  if (input.startedBy !== undefined && !/^[A-Za-z0-9/_-]{1,128}$/.test(input.startedBy)) {
    throw refuse('startedBy must be 1 to 128 letters, numbers, hyphens, slashes and underscores.');
  }
  if (input.clientToken !== undefined && !/^[\x21-\x7e]{1,64}$/.test(input.clientToken)) {
    throw refuse('clientToken must be 1 to 64 ASCII characters.');
  }
  if (input.propagateTags === 'SERVICE')
    throw refuse('propagateTags SERVICE is not valid for RunTask.');
  if ((input.placementConstraints ?? []).length > 0) {
    throw refuse('Placement constraints are not supported with FARGATE launch type.');
  }
  const tags = input.tags ?? [];
  if (tags.length > 50) throw refuse('At most 50 tags.');
  for (const { key, value = '' } of tags) {
    if (key.length > 128 || value.length > 256 || key.startsWith('aws:')) {
      throw refuse(`Invalid tag: ${key}`);
    }
  }
}

function checkProviders(input: RunTaskInput, cluster: Cluster): void {
  const strategy = input.capacityProviderStrategy;
  if (strategy === undefined) return;
  if (input.launchType !== undefined) {
    throw refuse('Specifying both a launch type and capacity provider strategy is not supported.');
  }
  if (strategy.some((item) => !cluster.providers.includes(item.capacityProvider))) {
    throw refuse(
      'The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster or is not ACTIVE.',
    );
  }
  if (strategy.length > 20 || strategy.every((item) => (item.weight ?? 0) === 0)) {
    throw refuse('At least one capacity provider must have a weight greater than 0.');
  }
  if (strategy.filter((item) => (item.base ?? 0) > 0).length > 1) {
    throw refuse('Only one capacity provider may have a base.');
  }
}

function checkNetwork(input: RunTaskInput, settings: Settings): void {
  const network = input.networkConfiguration?.awsvpcConfiguration;
  if (network === undefined) {
    throw refuse("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  if (network.subnets.length === 0) throw refuse('subnets can not be empty.');
  if (network.subnets.length > 16) throw refuse('At most 16 subnets.');
  for (const subnet of network.subnets) {
    if (settings.subnets[subnet] !== undefined) continue;
    throw refuse(
      `Error retrieving subnet information for [${subnet}]: The subnet ID '${subnet}' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
    );
  }
  for (const group of network.securityGroups ?? []) {
    if (settings.securityGroups.includes(group)) continue;
    throw refuse(
      `Error retrieving security group information for [${group}]: The security group '${group}' does not exist (ErrorCode: InvalidGroup.NotFound)`,
    );
  }
}
