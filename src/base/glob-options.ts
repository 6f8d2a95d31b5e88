/** How globs are read: names that begin with a dot are names, and `**` also takes those that hold a line break. */
export const GLOB = { dot: true, flags: 's' } as const;
