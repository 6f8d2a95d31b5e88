import { folderStore } from '../store/index.ts';
import type { AwsAccount } from '../aws/api.ts';
import type { Store } from '../engine/ports.ts';
import type { Proxies } from '../base/proxies.ts';
import { ok, type Result } from '../base/result.ts';
import type { FargateSettings } from './fargate-settings.ts';
import type { RegistryMirrors } from './registry-mirrors.ts';

/** Where runs are kept and what runs their tasks, as a shell asks for it. */
export type PlaceRequest = FolderRequest | BucketRequest;

/** Runs of this machine. */
export interface FolderRequest {
  readonly backend: 'local' | 'docker';
  /** Absolute folder of the store. */
  readonly folder: string;
  readonly mirrors: RegistryMirrors;
}

/** Runs on AWS. */
export interface BucketRequest {
  readonly backend: 'fargate';
  readonly settings: FargateSettings;
  /** Absent: the SDK's own chain of credentials. */
  readonly webIdentity?: WebIdentity;
  /** The way out of a closed network. */
  readonly proxies?: Proxies | undefined;
}

/** A role that is taken on with tokens of somebody whom the account trusts: the workflow's. */
export interface WebIdentity {
  /** ARN. */
  readonly role: string;
  readonly sessionName: string;
  readonly sessionSeconds?: number;
  /** A fresh token; rejects with a sentence for the user. */
  readonly token: () => Promise<string>;
}

/** An opened place. */
export type Place = FolderPlace | BucketPlace;

export interface FolderPlace {
  readonly backend: 'local' | 'docker';
  readonly store: Store;
  readonly folder: string;
  readonly mirrors: RegistryMirrors;
  close(): void;
}

export interface BucketPlace {
  readonly backend: 'fargate';
  readonly store: Store;
  readonly account: AwsAccount;
  readonly settings: FargateSettings;
  close(): void;
}

/** Opens it, or says in a sentence why that cannot be done. A folder need not be there yet. */
export async function openPlace(request: PlaceRequest): Promise<Result<Place, string>> {
  if (request.backend !== 'fargate') {
    return ok({ ...request, store: folderStore(request.folder), close: () => {} });
  }
  // The SDK is large: runs on this machine never load it.
  const { openBucket } = await import('./open-bucket.ts');
  return openBucket(request);
}
