/** Runs attempts as containers of this machine's Docker Engine. */
export { dockerBackend, type DockerBackendOptions } from './docker-backend.ts';
