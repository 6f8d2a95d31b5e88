import type { AttemptEnd, LaunchRequest } from '../../engine/ports.ts';
import type { Environment } from './docker-program.ts';

/** Values from the caller's environment, or why the task cannot run. */
export function secretValues(
  request: LaunchRequest,
  environment: Environment,
): AttemptEnd | { readonly values: Readonly<Record<string, string>> } {
  const values: Record<string, string> = { ...request.secretValues };
  const missing: string[] = [];
  for (const name of Object.keys(request.secrets)) {
    const value = environment[name];
    if (value === undefined) missing.push(name);
    else values[name] = value;
  }
  if (missing.length === 0) return { values };
  const names = missing.join(', ');
  return {
    kind: 'permanent',
    cause: `${missing.length === 1 ? 'the secret' : 'the secrets'} ${names} ${missing.length === 1 ? 'is' : 'are'} not set`,
    fact: "the electron's secrets are taken from environment variables of the same name when it runs on this machine",
    advice: `set ${names} in the environment of this command, or remove it from the electron's "secrets" key`,
  };
}
