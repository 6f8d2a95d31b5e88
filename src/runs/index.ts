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
export { storedRuns } from './stored-runs.ts';
export { storedRecord } from './stored-record.ts';
export { runLogs, type LogsAnswer, type LogsRequest, type TaskLog } from './run-logs.ts';
export { writeOutputs, type WrittenFiles } from './write-outputs.ts';
export { writeArtifact, type ArtifactFolder, type ArtifactRequest } from './write-artifact.ts';
export { entrypointProgram, type EntrypointRequest } from './entrypoint.ts';
export { chooseRun, defaultStoreFolder } from './open-store.ts';
export { realClock } from './real-clock.ts';
export { testReports } from './test-reports.ts';
