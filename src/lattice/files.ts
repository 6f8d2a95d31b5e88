/** Files beside the lattice. Paths are as `Lattice.file`, or joined to `Lattice.folder`. */
export interface LatticeFiles {
  /** The text; undefined when there is no such file. */
  read(path: string): string | undefined;
  exists(path: string): boolean;
}
