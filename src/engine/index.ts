/** The engine: drives a plan through ports, whatever stands behind them. */
export { run, type RunRequest } from './run.ts';
export { rootImageRequests } from './root-image-requests.ts';
export { currentLease } from './lease.ts';
export { releaseLease } from './release-lease.ts';
export { EngineError, type EngineErrorCode } from './errors.ts';
export {
  listRuns,
  readRecord,
  readRun,
  requestStop,
  runSummary,
  type RunOptions,
  type RunSummary,
  type StoredRun,
} from './stored-run.ts';
export {
  currentGeneration,
  derivedRunId,
  generationId,
  isRunId,
  newRunId,
  nextGeneration,
} from './run-id.ts';
export * from './contract.ts';
export * from './events.ts';
export * from './ports.ts';
export * from './record.ts';
