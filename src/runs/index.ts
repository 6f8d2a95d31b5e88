/** What both shells do with runs: ports are built here and the engine's door is called. */
export type { RunSettings } from './settings.ts';
export {
  loadLattice,
  readText,
  type LoadAnswer,
  type LoadRequest,
  type TextAnswer,
} from './load-lattice.ts';
export type { RunAnswer, RunControls } from './run-answer.ts';
export { startRun } from './start-run.ts';
export { attachRun, type AttachRequest } from './attach-run.ts';
export { stopRun, type StopAnswer, type StopRequest } from './stop-run.ts';
export { cleanUp, type CleanedUp } from './clean-up.ts';
export type { Swept } from './sweep-run.ts';
export { newestGeneration, storedRecord, storedRuns } from './stored-runs.ts';
export { runLogs, type LogsAnswer, type LogsRequest, type TaskLog } from './run-logs.ts';
export { writeOutputs, type WrittenFiles } from './write-outputs.ts';
export { writeArtifact, type ArtifactFolder, type ArtifactRequest } from './write-artifact.ts';
export { entrypointProgram, type EntrypointRequest } from './entrypoint.ts';
export { chooseRun, wholeId } from './find-run.ts';
export { defaultStoreFolder } from './default-store.ts';
export type { FargateSettings } from './fargate-settings.ts';
export {
  FARGATE_INPUTS,
  fargateSettings,
  resourceDefaults,
  type FargateInput,
  type FargateValues,
} from './fargate-inputs.ts';
export {
  choiceKind,
  flagKind,
  listKind,
  numberKind,
  readValue,
  textKind,
  wholeKind,
  type InputKind,
} from './input-kind.ts';
export type { RunProgram } from '../image/options.ts';
export type { Machine } from './machine.ts';
export {
  openPlace,
  type BucketRequest,
  type Place,
  type PlaceRequest,
  type WebIdentity,
} from './place.ts';
export { registryMirrors, type RegistryMirrors } from './registry-mirrors.ts';
export { realClock } from './real-clock.ts';
export { testReports } from './test-reports.ts';
