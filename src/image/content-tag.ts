import { canonical } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import type { TaskImage } from '../engine/ports.ts';
import { digestOf } from './digest.ts';

/** Raised when the same content is made into another image. */
const FORMAT = 1;

/** Forty hexadecimal characters for all that goes into an image. */
export function contentHash(content: { readonly [name: string]: Json }): string {
  return digestOf(canonical({ ...content, format: FORMAT })).slice(
    'sha256:'.length,
    'sha256:'.length + 40,
  );
}

/** The tag of a task image, and its parts for who wants to know which of them has changed. */
export function imageContent(of: {
  readonly base: Json;
  /** As images name it: amd64, arm64. */
  readonly architecture: string;
  readonly workspace: string | undefined;
  /** Digest of the layer. */
  readonly entrypoint: string;
}): { readonly hash: string; readonly parts: NonNullable<TaskImage['parts']> } {
  const { base, architecture, workspace, entrypoint } = of;
  return {
    hash: contentHash({ base, architecture, workspace: workspace ?? null, entrypoint }),
    parts: {
      base: contentHash({ base, architecture }),
      ...(workspace === undefined ? {} : { workspace }),
      entrypoint,
    },
  };
}
