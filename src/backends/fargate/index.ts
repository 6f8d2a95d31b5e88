/** Runs attempts as tasks of ECS on Fargate. */
export { fargateBackend } from './fargate-backend.ts';
export { sweep, type SweepAnswer, type SweepRequest } from './sweep.ts';
export type { FargateOptions, LaunchQuotas } from './options.ts';
