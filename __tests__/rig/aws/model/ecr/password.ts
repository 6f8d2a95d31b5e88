/** What a registry password stands for. */
export interface RegistryPassword {
  readonly accessKeyId: string;
  readonly expiresAt: number;
}

/** A registry password: like the real one it stands for the keys of whoever asked, for twelve hours. */
export function registryPassword({ accessKeyId, expiresAt }: RegistryPassword): string {
  return Buffer.from(`${expiresAt} ${accessKeyId}`).toString('base64url');
}

/** Reads a password back; undefined for anything else. */
export function readRegistryPassword(password: string): RegistryPassword | undefined {
  const [expiresAt = '', accessKeyId] = Buffer.from(password, 'base64url')
    .toString('utf8')
    .split(' ');
  if (accessKeyId === undefined || !/^\d+$/.test(expiresAt)) return undefined;
  return { accessKeyId, expiresAt: Number(expiresAt) };
}
