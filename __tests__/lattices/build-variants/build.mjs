import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** A bundler in miniature: module format and mode decide what comes out. */
const { FORMAT, MODE, BANNER } = process.env;
let text = readFileSync('src/greet.mjs', 'utf8');
if (FORMAT === 'cjs') text = text.replace('export const greet', 'exports.greet');
if (FORMAT === 'iife')
  text = `(() => { ${text.replace('export const greet', 'globalThis.greet')} })();`;
if (MODE === 'release') text = text.replace('/* DEBUG */ ', '').trim();
mkdirSync('dist', { recursive: true });
writeFileSync(
  `dist/greet.${FORMAT === 'cjs' ? 'cjs' : 'mjs'}`,
  (BANNER ? `/*! ${BANNER} */\n` : '') + text,
);
