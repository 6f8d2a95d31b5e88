import { LARGE_REGION, type Quotas } from './quotas.ts';

/** How long the phases of a task take, in milliseconds. */
export interface Delays {
  readonly provisioning: number;
  readonly pending: number;
  readonly pull: number;
  readonly deactivating: number;
  readonly stopping: number;
  readonly deprovisioning: number;
}

/** How much later others see what has happened, in milliseconds. */
export interface Lags {
  /** DescribeTasks says MISSING of a task younger than this. */
  readonly describe: number;
  /** ListTasks shows the world as it was so long ago. */
  readonly list: number;
  /** The log driver hands over what it has so often. */
  readonly logFlush: number;
  /** CloudWatch shows what it got so much later. */
  readonly logVisible: number;
}

/** Everything about the simulated account that a test may choose. */
export interface Settings {
  readonly account: string;
  readonly region: string;
  readonly quotas: Quotas;
  readonly delays: Delays;
  readonly lags: Lags;
  /** From the request's arrival to its effect, and from the effect to the answer. */
  readonly latency: { readonly before: number; readonly after: number };
  /** Seconds that a task role's credentials live; real ones are rotated every few hours. */
  readonly taskCredentialsSeconds: number;
  /** Subnets that exist, with their zones. */
  readonly subnets: Readonly<Record<string, string>>;
  /** How many tasks a subnet has addresses for; without end where it is not named. */
  readonly addresses: Readonly<Record<string, number>>;
  readonly securityGroups: readonly string[];
  /** Address of a real registry that keeps what is pushed; by default the model does. */
  readonly registryBehind?: string;
  /** Whether layers are mounted from one repository into another: an account must opt in to it. */
  readonly mountBlobs: boolean;
  /** Of conditional writes of one key at once, those that end later hear of a conflict (409) and not of the object (412). */
  readonly conditionalConflicts: boolean;
  /** How much a request's time may differ from the model's, in milliseconds; AWS takes 15 minutes (S3) or 5. */
  readonly mostSkew?: number;
  /** Tasks must show a token for their credentials, which stands in a file. */
  readonly credentialsToken: boolean;
  /** How much longer a PUT takes for this key: what is written first may become visible last. */
  readonly putDelay: (key: string) => number;
}

/** A captured Fargate task: pull began 17 s after its creation and took 3 s; its card was still there 10 s after the exit. */
export const FARGATE_DELAYS: Delays = {
  provisioning: 12_000,
  pending: 5_000,
  pull: 3_000,
  deactivating: 500,
  stopping: 500,
  deprovisioning: 10_000,
};

/** The same phases in little time, for trying things by hand. */
export const SHORT_DELAYS: Delays = {
  provisioning: 600,
  pending: 300,
  pull: 400,
  deactivating: 100,
  stopping: 100,
  deprovisioning: 600,
};

/** Account and region of the original executor's documentation, with default quotas of a large region. */
export const SETTINGS: Settings = {
  account: '348041629502',
  region: 'us-east-1',
  quotas: LARGE_REGION,
  delays: FARGATE_DELAYS,
  lags: { describe: 1_000, list: 2_000, logFlush: 5_000, logVisible: 2_000 },
  latency: { before: 0, after: 0 },
  taskCredentialsSeconds: 6 * 3600,
  subnets: {
    'subnet-00000001': 'us-east-1a',
    'subnet-00000002': 'us-east-1b',
    'subnet-00000003': 'us-east-1c',
  },
  addresses: {},
  securityGroups: ['sg-00000001'],
  mountBlobs: false,
  conditionalConflicts: false,
  credentialsToken: false,
  putDelay: () => 0,
};
