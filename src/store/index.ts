/** Stores: where specs, results, logs and files of runs live. */
export { folderStore } from './folder/folder-store.ts';
export { s3Store, type S3StoreOptions } from './s3/s3-store.ts';
