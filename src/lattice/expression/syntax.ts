/** Reading an expression: GitHub's lexer and parser, with exact places and words for what they refuse. */
import { ExpressionError, Lexer, Parser } from '@actions/expressions';
import type { Expr } from '@actions/expressions';
import { ErrorType } from '@actions/expressions/errors';
import { TokenType } from '@actions/expressions/lexer';
import type { Token } from '@actions/expressions/lexer';
import { FUNCTIONS } from './functions.ts';

/** Characters of one expression, GitHub's limit; the package enforces the same. */
const MAX_LENGTH = 21_000;

/** Something wrong with the text between `start` and `end` of the expression's source. */
export interface SyntaxProblem {
  readonly code: 'L301' | 'L306' | 'L310';
  readonly message: string;
  readonly hint?: string;
  readonly start: number;
  readonly end: number;
}

/** A token and where it starts in the source. The package's own positions are wrong after a text with a line break. */
export type TokenPositions = ReadonlyMap<Token, number>;

/** What reading gives; names are not checked yet. */
export type Syntax =
  | { readonly ok: true; readonly root: Expr; readonly positions: TokenPositions }
  | { readonly ok: false; readonly problem: SyntaxProblem };

/** Reads one expression, without its braces. Unknown names are let through for the checks to tell all of them. */
export function parseSyntax(source: string): Syntax {
  if (source.length > MAX_LENGTH) {
    return refuse(
      'L310',
      `the expression has ${source.length} characters, and 21,000 is the most`,
      0,
      source.length,
    );
  }
  const lexer = new Lexer(source);
  let tokens: Token[];
  try {
    tokens = lexer.lex().tokens;
  } catch {
    return { ok: false, problem: lexicalProblem(source, lexer['start'], lexer['offset']) };
  }
  const positions = locate(source, tokens);
  for (const token of tokens) unescape(token);
  const trailing = tokens.find(
    (token, index) =>
      token.type === TokenType.COMMA && tokens[index + 1]?.type === TokenType.RIGHT_PAREN,
  );
  if (trailing !== undefined) {
    return refuse(
      'L301',
      'an argument is missing after ","',
      positions.get(trailing) ?? 0,
      (positions.get(trailing) ?? 0) + 1,
    );
  }
  try {
    const root = new Parser(tokens, names(tokens), functions(tokens)).parse();
    if (root === undefined) return refuse('L301', 'the expression is empty', 0, source.length);
    return { ok: true, root, positions };
  } catch (error) {
    return { ok: false, problem: parserProblem(error, source, tokens, positions) };
  }
}

/** Between tokens there is white space only, so each one stands at the next place where its text occurs. */
function locate(source: string, tokens: readonly Token[]): TokenPositions {
  const positions = new Map<Token, number>();
  let offset = 0;
  for (const token of tokens) {
    if (token.type === TokenType.EOF) {
      positions.set(token, source.length);
      continue;
    }
    offset = source.indexOf(token.lexeme, offset);
    positions.set(token, offset);
    offset += token.lexeme.length;
  }
  return positions;
}

/** The package turns only the first `''` of a text into a quote. */
function unescape(token: Token): void {
  if (token.type === TokenType.STRING)
    token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
}

function names(tokens: readonly Token[]): string[] {
  return tokens.filter((token) => token.type === TokenType.IDENTIFIER).map((token) => token.lexeme);
}

/** Ours by their arity; unknown ones take anything, and the checks name them. */
function functions(tokens: readonly Token[]): { name: string; minArgs: number; maxArgs: number }[] {
  const unknown = names(tokens).filter((name) => !FUNCTIONS.has(name.toLowerCase()));
  return [
    ...FUNCTIONS.values(),
    ...unknown.map((name) => ({ name, minArgs: 0, maxArgs: Infinity })),
  ];
}

function refuse(
  code: SyntaxProblem['code'],
  message: string,
  start: number,
  end: number,
  hint?: string,
): Syntax {
  return {
    ok: false,
    problem: { code, message, start, end, ...(hint === undefined ? {} : { hint }) },
  };
}

const NO_ARITHMETIC =
  'expressions have no arithmetic, as in workflows; compute in a task, or use range(…)';

function lexicalProblem(source: string, start: number, end: number): SyntaxProblem {
  const word = source.slice(start, end);
  if (word.startsWith("'")) {
    const message = 'the text has no closing quote';
    return {
      code: 'L301',
      message,
      start,
      end: source.length,
      hint: "a quote inside a text is written twice: 'it''s'",
    };
  }
  const hint = lexicalHint(source, start, word);
  const message = `unexpected "${shorten(word)}"`;
  return {
    code: 'L301',
    message,
    start,
    end: Math.max(end, start + 1),
    ...(hint === undefined ? {} : { hint }),
  };
}

function lexicalHint(source: string, start: number, word: string): string | undefined {
  if (/^["`]/.test(word)) return "texts stand in single quotes: 'text'";
  if (word.startsWith('$')) return 'inside ${{ }} names stand without another ${{ }}';
  if (/^\.?\d|^[+-]\.?\d/.test(word)) return `not a number: ${NO_ARITHMETIC}`;
  if (/^[+\-/%^]/.test(word)) return NO_ARITHMETIC;
  if (word.startsWith('?'))
    return 'write case(condition, value, otherwise), or condition && value || otherwise';
  if (source[start] === '=') return 'compare with ==';
  if (source[start] === '&') return 'write &&';
  if (source[start] === '|') return 'write ||';
  return undefined;
}

function parserProblem(
  error: unknown,
  source: string,
  tokens: readonly Token[],
  positions: TokenPositions,
): SyntaxProblem {
  if (!(error instanceof ExpressionError)) {
    // The parser descends by calling itself, and `!` alone is not counted by it: 20,000 of them end the stack.
    if (error instanceof RangeError) return tooDeep(0, source.length);
    throw error;
  }
  const token = error['tok'];
  const start = positions.get(token) ?? 0;
  const end = Math.max(start + token.lexeme.length, start);
  switch (error['typ']) {
    case ErrorType.ErrorExceededMaxDepth:
    case ErrorType.ErrorExceededMaxLength:
      return tooDeep(start, end);
    case ErrorType.ErrorTooFewParameters:
      return arity(token, 'fewer', start, end);
    case ErrorType.ErrorTooManyParameters:
      return arity(token, 'more', start, end);
    case ErrorType.ErrorEvenParameters:
      return arity(token, 'an even number', start, end);
    case ErrorType.ErrorUnexpectedEndOfExpression:
      return unfinished(source);
    default:
      return token.type === TokenType.EOF
        ? unfinished(source)
        : unexpected(token, tokens, start, end);
  }
}

function tooDeep(start: number, end: number): SyntaxProblem {
  return { code: 'L310', message: 'the expression is nested more than 50 deep', start, end };
}

function unfinished(source: string): SyntaxProblem {
  const end = source.trimEnd().length;
  return {
    code: 'L301',
    message: 'the expression ends too early',
    start: Math.max(0, end - 1),
    end,
  };
}

function unexpected(
  token: Token,
  tokens: readonly Token[],
  start: number,
  end: number,
): SyntaxProblem {
  const message = `unexpected "${shorten(token.lexeme)}"`;
  const hint = unexpectedHint(token, tokens);
  return { code: 'L301', message, start, end, ...(hint === undefined ? {} : { hint }) };
}

function unexpectedHint(token: Token, tokens: readonly Token[]): string | undefined {
  if (token.type === TokenType.STAR) return NO_ARITHMETIC;
  if (token.type === TokenType.NUMBER && /^[+-]/.test(token.lexeme)) return NO_ARITHMETIC;
  switch (token.lexeme.toLowerCase()) {
    case 'and':
      return 'write &&';
    case 'or':
      return 'write ||';
    case 'in':
      return 'write contains(list, item)';
    default:
  }
  const before = tokens[tokens.indexOf(token) - 1];
  return before?.type === TokenType.IDENTIFIER && before.lexeme.toLowerCase() === 'not'
    ? 'write !'
    : undefined;
}

function arity(token: Token, given: string, start: number, end: number): SyntaxProblem {
  const entry = FUNCTIONS.get(token.lexeme.toLowerCase());
  const takes = entry === undefined ? '' : `: ${entry.usage}`;
  const wanted = entry === undefined ? 'other' : count(entry.name, entry.minArgs, entry.maxArgs);
  return {
    code: 'L306',
    message: `${token.lexeme} takes ${wanted}, and here are ${given}`,
    hint: `write ${takes.slice(2)}`,
    start,
    end,
  };
}

function count(name: string, min: number, max: number): string {
  if (name === 'case') return 'an odd number of arguments from 3 on';
  if (max === 0) return 'no arguments';
  if (min === max) return `${min} argument${min === 1 ? '' : 's'}`;
  return max > 10
    ? `at least ${min} argument${min === 1 ? '' : 's'}`
    : `${min} or ${max} arguments`;
}

const shorten = (word: string): string => (word.length > 40 ? `${word.slice(0, 40)}…` : word);
