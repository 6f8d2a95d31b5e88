import { assertNever } from '../base/assert-never.ts';
import type { AwsError } from './aws-error.ts';

/** What an error came out of. */
export interface Explained {
  /** What could not be done, in words that follow "Cannot": `start tasks on the cluster "lattice"`. */
  readonly what: string;
  /** The input that names what is missing or refused: `cluster`. Absent: told from AWS's own name of the error. */
  readonly input?: string;
  /** What names it where no input does: `the address in the lattice`. */
  readonly named?: string;
  /** The permission, where the error itself does not know it better: `iam:PassRole`. */
  readonly action?: string;
  /** What a policy must allow it on: an ARN. Absent: what AWS says. */
  readonly resource?: string;
}

/** One sentence for users: what could not be done, why, and what to do about it, naming the input or the permission. */
export function explain(error: AwsError, told: Explained): string {
  const { cause, advice } = reading(error, told);
  // Account ids stand in ARNs of AWS's own words, and logs of public repositories are public.
  return `Cannot ${told.what}: ${cause}; ${advice}`.replaceAll(/(?<=:)\d{12}(?=:)/g, '<account>');
}

interface Reading {
  readonly cause: string;
  readonly advice: string;
}

function reading(error: AwsError, told: Explained): Reading {
  if (error.code === 'RegionMissing') {
    return {
      cause: 'no AWS region is set',
      advice: 'set the input "aws-region", or AWS_REGION, or a region in the profile',
    };
  }
  if (error.code === 'ERR_PROXY_TUNNEL') {
    return {
      cause: `the proxy does not let it through (${bare(error.message)})`,
      advice: 'check HTTPS_PROXY with its user and password, or except the address in NO_PROXY',
    };
  }
  if (isElsewhere(error)) return elsewhere(error);
  switch (error.kind) {
    case 'denied':
      return denied(error, told);
    case 'credentials':
      return credentials(error);
    case 'not-found':
      return notFound(error, told);
    case 'throttled':
      return {
        cause: `AWS is asked too often for ${error.action} (${words(error)})`,
        advice:
          'try again later, or ask for a higher quota where other work of the account uses it up',
      };
    case 'passing':
      return passing(error);
    case 'conflict':
      return {
        cause: `AWS says that it is taken or was changed meanwhile (${words(error)})`,
        advice: `see whether something else uses the same ${told.input === undefined ? 'name' : `input "${told.input}"`} at the same time, and try again`,
      };
    case 'refused':
      return refused(error, told);
    default:
      return assertNever(error.kind);
  }
}

/** Codes by which S3 says that the bucket is in another region. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  '301',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'MovedPermanently',
  'PermanentRedirect',
  'TemporaryRedirect',
]);

function isElsewhere(error: AwsError): boolean {
  return ELSEWHERE.has(error.code) && error.action.startsWith('s3:');
}

function elsewhere({ bucketRegion }: AwsError): Reading {
  return bucketRegion === undefined
    ? {
        cause: 'the bucket is in another region',
        advice: 'set the input "aws-region" to the region of the bucket, or name another bucket',
      }
    : {
        cause: `the bucket is in the region ${bucketRegion}`,
        advice: `set the input "aws-region" to ${bucketRegion}, or name a bucket of your region`,
      };
}

function denied(error: AwsError, told: Explained): Reading {
  const [, action, resource] =
    /not authorized to perform: ([\w-]+:\w+)(?: on resource: "?([^\s"]+)"?)?/.exec(error.message) ??
    [];
  const permission = action ?? told.action ?? error.action;
  if (permission === 'sts:AssumeRoleWithWebIdentity') {
    return {
      cause: 'the role of the input "role-to-assume" does not trust this job',
      advice:
        'let its trust policy allow sts:AssumeRoleWithWebIdentity for token.actions.githubusercontent.com with this repository and branch in "sub" and sts.amazonaws.com in "aud"',
    };
  }
  const place = told.resource ?? resource;
  const on = place === undefined ? '' : ` on ${place}`;
  const refusal = /explicit deny/i.test(error.message)
    ? `a policy denies ${permission} explicitly`
    : `these credentials may not ${permission}`;
  // Without s3:ListBucket S3 does not tell a missing object from a forbidden one.
  if (permission === 's3:GetObject') {
    return {
      cause: `${refusal}, or there is no such object and they may not list the bucket`,
      advice: `allow s3:GetObject${on} and s3:ListBucket on ${bucketOf(place)} in the policy of the role or user`,
    };
  }
  return { cause: refusal, advice: `allow ${permission}${on} in the policy of the role or user` };
}

function bucketOf(resource: string | undefined): string {
  return resource === undefined ? 'the bucket' : resource.replace(/\/.*$/, '');
}

function credentials(error: AwsError): Reading {
  const { code, message } = error;
  switch (code) {
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'TokenRefreshRequired':
      return error.action === 'sts:AssumeRoleWithWebIdentity'
        ? {
            cause: 'the identity token of the job has expired',
            advice: 'run it again; if it happens each time, check the clock of this machine',
          }
        : {
            cause: 'the AWS credentials have expired',
            advice:
              'set the input "role-to-assume", which renews them for as long as a run lasts, or get new ones',
          };
    case 'SignatureDoesNotMatch':
    case 'InvalidSignatureException':
    case 'IncompleteSignature':
    case 'IncompleteSignatureException':
      return {
        cause: 'the AWS secret access key does not belong to the access key id',
        advice: 'check AWS_SECRET_ACCESS_KEY, or set the input "role-to-assume"',
      };
    case 'NoWebIdentityToken':
      return {
        cause: `the job gets no identity token for the input "role-to-assume" (${bare(message)})`,
        advice: 'give the job "permissions: id-token: write"',
      };
    case 'RoleIsNoArn':
      return {
        cause: `the input "role-to-assume" ${bare(message.replace(/^"/, 'is "').replace('" is not', '", not'))}`,
        advice: 'give the whole ARN',
      };
    case 'InvalidIdentityToken':
    case 'IDPRejectedClaim':
      return {
        cause: `AWS does not take the identity token of the job (${words(error)})`,
        advice:
          'add token.actions.githubusercontent.com with the audience sts.amazonaws.com to the identity providers of the account',
      };
    case 'InvalidAccessKeyId':
    case 'InvalidClientTokenId':
    case 'InvalidToken':
    case 'UnrecognizedClientException':
    case 'AuthFailure':
    case 'NotSignedUp':
      return {
        cause: `AWS does not know these credentials (${code})`,
        advice:
          'check AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN and the account they are for, or set the input "role-to-assume"',
      };
    default:
      return {
        cause: `there are no AWS credentials (${bare(message)})`,
        advice:
          'set the input "role-to-assume" and give the job "permissions: id-token: write", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
      };
  }
}

/** Inputs by AWS's names of what is missing. */
const MISSING: Readonly<Record<string, { readonly noun: string; readonly input: string }>> = {
  ClusterNotFoundException: { noun: 'the cluster', input: 'cluster' },
  NoSuchBucket: { noun: 'the bucket', input: 's3-bucket' },
  RepositoryNotFoundException: { noun: 'the repository', input: 'ecr-repository' },
};

function notFound(error: AwsError, told: Explained): Reading {
  const known = MISSING[error.code];
  const noun = known?.noun ?? (error.code === 'NoSuchKey' ? 'the object' : 'it');
  const input = told.input ?? known?.input;
  const check = `check ${told.named ?? (input === undefined ? 'its name' : `the input "${input}"`)}`;
  // Names of buckets are shared by all accounts, and one in another region is told as that.
  const everywhere = error.code === 'NoSuchBucket';
  const create =
    error.code === 'RepositoryNotFoundException' ? ', or set "create-repository" to true' : '';
  return {
    cause: `${noun} does not exist${everywhere ? '' : ' in this account and region'}${known === undefined ? ` (${words(error)})` : ''}`,
    advice: everywhere ? check : `${check} and "aws-region"${create}`,
  };
}

function passing(error: AwsError): Reading {
  if (error.code === 'ENOTFOUND') {
    return {
      cause: `the address of the service is not known (${bare(error.message)})`,
      advice: 'check the input "aws-region" and the network of this machine',
    };
  }
  return error.status === undefined
    ? {
        cause: `the connection to AWS fails (${error.code}: ${bare(error.message)})`,
        advice: 'check the network of this machine and AWS_ENDPOINT_URL, and try again',
      }
    : {
        cause: `AWS has trouble of its own (${words(error)})`,
        advice: 'try again later; https://health.aws.amazon.com tells of outages',
      };
}

/** Inputs by the words in which ECS, STS and ECR refuse what they name. */
const REFUSALS: readonly {
  readonly words: RegExp;
  readonly input: string;
  readonly advice?: string;
}[] = [
  { words: /subnet/i, input: 'subnets' },
  { words: /security group/i, input: 'security-groups' },
  {
    words: /capacity provider/i,
    input: 'cluster',
    advice: 'associate FARGATE and FARGATE_SPOT with the cluster, or leave "spot" out',
  },
  {
    words: /DurationSeconds|MaxSessionDuration/,
    input: 'role-session-duration',
    advice: 'set the input "role-session-duration" to no more than the role allows',
  },
  { words: /unable to assume the role|role is not valid|invalid role/i, input: 'task-role' },
  { words: /log group/i, input: 'log-group' },
];

function refused(error: AwsError, told: Explained): Reading {
  const known = REFUSALS.find((refusal) => refusal.words.test(error.message));
  const input = known?.input ?? told.input;
  return {
    cause: `AWS refuses it (${words(error)})`,
    advice:
      known?.advice ??
      (input === undefined && told.named === undefined
        ? 'correct what these words name'
        : `check ${told.named ?? `the input "${input ?? ''}"`} and "aws-region"`),
  };
}

/** AWS's name of the error and its words. */
function words({ code, message }: AwsError): string {
  return message === '' || message === code ? code : `${code}: ${bare(message)}`;
}

/** One line without its full stop, so that it stands inside a sentence. */
function bare(message: string): string {
  return message
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/[.\s]+$/, '');
}
