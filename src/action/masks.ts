import { setSecret } from '@actions/core';

/** Short values are no secrets worth the price: the runner would blot them out everywhere in the log. */
export function maskSecrets(secrets: Readonly<Record<string, string>>): void {
  for (const value of Object.values(secrets)) {
    if (value.trim().length >= 4) {
      setSecret(value);
    }
  }
}
