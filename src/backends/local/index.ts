/** Runs attempts as processes of this machine. */
export { localBackend, type LocalBackendOptions } from './local-backend.ts';
export { taskEnvironment, type Environment } from './environment.ts';
