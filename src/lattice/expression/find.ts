/** A piece of a text: plain, or what stands between `${{` and `}}`. Offsets are into the text. */
export interface Piece {
  readonly kind: 'text' | 'expression';
  /** Of an expression: after `${{`. */
  readonly start: number;
  /** Exclusive; of an expression: before `}}`. */
  readonly end: number;
}

/** The pieces of a text, or where a `${{` without its `}}` stands. */
export type Pieces =
  | { readonly ok: true; readonly pieces: readonly Piece[] }
  | { readonly ok: false; readonly open: number };

/** Finds `${{ }}`; `}}` inside single quotes belongs to the expression, as in workflows. */
export function findExpressions(text: string): Pieces {
  const pieces: Piece[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('${{', at);
    if (open === -1) break;
    if (open > at) pieces.push({ kind: 'text', start: at, end: open });
    const close = closing(text, open + 3);
    if (close === -1) return { ok: false, open };
    pieces.push({ kind: 'expression', start: open + 3, end: close });
    at = close + 2;
  }
  if (at < text.length) pieces.push({ kind: 'text', start: at, end: text.length });
  return { ok: true, pieces };
}

function closing(text: string, from: number): number {
  let quoted = false;
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === "'") quoted = !quoted;
    else if (!quoted && text[index] === '}' && text[index + 1] === '}') return index;
  }
  return -1;
}
