/** Images that tasks run in: built, copied and completed with workspace and entrypoint. */
export { dockerImages } from './docker-images.ts';
export { ecrImages } from './ecr-images.ts';
export { spawnProgram } from './spawn-program.ts';
export type { EcrImageOptions, ImageOptions, RunProgram } from './options.ts';
