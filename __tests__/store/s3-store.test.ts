import { describe } from '@jest/globals';
import { s3Store } from '../../src/store/index.ts';
import { simulatedAccount } from '../aws-clients/simulated-account.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { storeConformance } from './conformance.ts';

async function made(prefix = 'lattice') {
  const at = await simulatedAccount();
  return {
    ...at,
    store: s3Store({ objects: at.account.objects, bucket: NAMES.bucket, prefix }),
    [Symbol.asyncDispose]: () => at[Symbol.asyncDispose](),
  };
}

describe('an S3 store', () => {
  storeConformance(made);
});

describe('an S3 store that is a whole bucket', () => {
  storeConformance(() => made(''));
});
