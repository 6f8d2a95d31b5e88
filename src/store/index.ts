/** Stores: where specs, results, logs and files of runs live. */
export { folderStore } from './folder/folder-store.ts';
