/** Reads what a lattice refers to on this machine's disk: data dimensions, the workspace, input files. */
export { folderSources, type FolderSourcesOptions } from './folder-sources.ts';
export type { SourceObject, SourceObjects } from './s3-sources.ts';
