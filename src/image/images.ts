import { AwsError } from '../aws/aws-error.ts';
import { canonical } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import type { ImageRequest, Images, SourceAnswer, TaskImage } from '../engine/ports.ts';
import { ConnectionError } from './http.ts';
import { ImageError } from './image-error.ts';
import { Once } from './once.ts';

/** Images of which each is made once; whatever keeps one from being made is an answer. */
export function imagesBy(
  make: (request: ImageRequest) => Promise<TaskImage>,
  explain: (error: AwsError) => Promise<string>,
): Images {
  const answers = new Once<SourceAnswer<TaskImage>>();
  const answer = async (request: ImageRequest): Promise<SourceAnswer<TaskImage>> => {
    try {
      return { ok: true, value: await make(request) };
    } catch (error) {
      if (error instanceof ImageError) return { ok: false, message: error.message };
      if (error instanceof ConnectionError)
        return {
          ok: false,
          message: `The image cannot be made: ${error.message}; look at the network, or read from a mirror`,
        };
      if (error instanceof AwsError) return { ok: false, message: await explain(error) };
      throw error;
    }
  };
  // An interface has no index signature, so the compiler does not see that it is a plain value.
  const key = (request: ImageRequest) => canonical(request as unknown as Json);
  return { image: (request) => answers.of(key(request), () => answer(request)) };
}
