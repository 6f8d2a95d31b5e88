/**
 * Branded names, so that an id of one kind cannot be passed where another is meant.
 *
 * A task has two spellings. Its id is for people: `sample[7]`, `score[1].fast[0]`. Its key is for the store, where
 * brackets are awkward: `sample/7`, `score/1/fast/0`. An electron without matrix and for-each has one task whose id
 * and key carry no index: `estimate`.
 */
export type TaskId = string & { readonly __brand: 'TaskId' };
export type TaskKey = string & { readonly __brand: 'TaskKey' };
/** Where an electron stands: `sample`, or inside the task of a `uses` electron `score[1].fast`. */
export type ElectronPath = string & { readonly __brand: 'ElectronPath' };
export type RunId = string & { readonly __brand: 'RunId' };
/** Lower-case hexadecimal SHA-256 over everything that decides what a task computes. */
export type Fingerprint = string & { readonly __brand: 'Fingerprint' };
