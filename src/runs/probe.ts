import { AwsError, explain } from '../aws/errors.ts';
import type { RunId } from '../base/names.ts';
import type { BucketPlace } from './place.ts';
import { Refusal } from './refusal.ts';

/** Something that no run writes before it has begun; only whether it can be asked for matters. */
const ANY_KEY = 'format.json';

/**
 * Asks for the bucket and the cluster before an image is built for them: a wrong name is told within a second. Throws what
 * is told to the user. A permission that is missing here may not matter later, so only what is not there is told.
 */
export async function probe(place: BucketPlace, runId: RunId): Promise<void> {
  const { account, settings, store } = place;
  await Promise.all([store.read(ANY_KEY), cluster()]);

  async function cluster(): Promise<void> {
    try {
      await account.ecs.listTasks(settings.cluster, runId);
    } catch (error) {
      if (!(error instanceof AwsError)) {
        throw error;
      }
      if (error.kind === 'not-found' || error.kind === 'credentials') {
        throw new Refusal(
          explain(error, { what: `use the cluster ${settings.cluster}`, input: 'cluster' }),
          { cause: error },
        );
      }
    }
  }
}
