import type { YAMLError } from 'yaml';
import type { DiagnosticCode } from './codes.ts';
import type { Span } from './diagnostic.ts';

/** What is wrong with a text as YAML. */
export interface YamlProblem {
  readonly code: DiagnosticCode;
  readonly span: Span;
  readonly message: string;
  readonly hint?: string;
  /** An expression without quotes inside brackets: from there on nothing is read as it is meant. */
  readonly isUnquoted?: true;
}

/** An error of the `yaml` package in our words, at its place. */
export function explainYamlError(error: YAMLError, text: string): YamlProblem {
  const open = error.pos[0] - 1;
  if (open >= 0 && text.startsWith('${{', open)) return unquoted(text, open);
  const start = startOf(error, text);
  const line = text.indexOf('\n', start);
  const lineEnd = line === -1 ? text.length : line;
  const last = start === error.pos[0] ? Math.min(Math.max(error.pos[1], start), lineEnd) : start;
  const end = Math.max(last, Math.min(start + 1, text.length));
  const found = explain(error, text.slice(start, lineEnd));
  return {
    span: { start, end },
    code: found.code ?? 'L101',
    message: found.message,
    ...(found.hint === undefined ? {} : { hint: found.hint }),
  };
}

/** True where the line has opened more brackets than it has closed. */
export function isInBrackets(text: string, place: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', place - 1) + 1, place);
  const bare = line.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '');
  return bare.replace(/[^[{]/g, '').length > bare.replace(/[^\]}]/g, '').length;
}

/** In brackets the braces of `${{ }}` are mappings, so that nothing after them is read as it is meant. */
function unquoted(text: string, open: number): YamlProblem {
  const start = text.slice(0, open).search(/[^\s,[\]{}]*$/);
  const written = /^[^\n]*?\}\}[^\s,[\]{}]*/.exec(text.slice(open, open + 200))?.[0];
  return {
    code: 'L101',
    span: { start: open, end: open + 3 },
    isUnquoted: true,
    message: 'inside [ ] and { } a text with ${{ }} has to be in quotes',
    ...(written === undefined ? {} : { hint: `write "${text.slice(start, open)}${written}"` }),
  };
}

/** The package points at the end of an unclosed text, and at the line of a wrong indentation. */
function startOf(error: YAMLError, text: string): number {
  const start = Math.max(0, Math.min(error.pos[0], text.length));
  const quote = /Missing closing (['"])/.exec(error.message)?.[1];
  if (quote !== undefined) {
    let opening = text.lastIndexOf(quote, start - 1);
    if (quote === '"') {
      while (opening > 0 && text[opening - 1] === '\\')
        opening = text.lastIndexOf(quote, opening - 1);
    }
    return opening === -1 ? start : opening;
  }
  if (error.code !== 'BAD_INDENT') return start;
  let content = start;
  while (text[content] === ' ') content += 1;
  return content < text.length && text[content] !== '\n' ? content : start;
}

interface Explanation {
  readonly message: string;
  readonly hint?: string;
  readonly code?: DiagnosticCode;
}

function explain(error: YAMLError, rest: string): Explanation {
  const closing = /must(?: be sufficiently indented and)? end with a (\S)/.exec(error.message)?.[1];
  if (closing !== undefined) {
    const opening = closing === ']' ? '[' : '{';
    return {
      message: `a ${opening} has no closing ${closing}, or its lines are not indented enough`,
    };
  }
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used for indentation', hint: 'YAML is indented with spaces' };
    case 'BAD_INDENT':
      return {
        message: /sequence/.test(error.message)
          ? 'the items of this list do not start in the same column'
          : /[Ff]low/.test(error.message)
            ? 'the lines of this bracket are not indented enough'
            : /[Bb]lock scalar/.test(error.message)
              ? 'the lines of this text are not indented enough'
              : 'the keys of this mapping do not start in the same column',
      };
    case 'BAD_ALIAS':
      return {
        message: 'an anchor or alias has no proper name',
        hint: 'put a value that starts with * or & in quotes',
      };
    case 'ALIAS_PROPS':
      return { message: 'an alias cannot have a tag or an anchor of its own' };
    case 'BAD_DQ_ESCAPE':
      return {
        message: `"${rest.slice(0, 2)}" is not an escape of a text in double quotes`,
        hint: 'write \\\\ for a backslash, or use single quotes',
      };
    case 'BAD_SCALAR_START':
      return { message: `a value cannot start with ${rest.slice(0, 1)}`, hint: 'put it in quotes' };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a second ": " stands in the value of a key',
        hint: 'put the value in quotes, or on lines of its own',
      };
    case 'BLOCK_IN_FLOW':
      return { message: 'a list or mapping in indented form cannot stand inside brackets' };
    case 'KEY_OVER_1024_CHARS':
      return { message: 'a key is longer than 1,024 characters' };
    case 'MISSING_CHAR':
      return missing(error.message, rest);
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'a key goes over several lines',
        hint: 'is a ":" missing after the key, or is the next line indented wrongly?',
      };
    case 'MULTIPLE_ANCHORS':
      return { message: 'a value has two anchors' };
    case 'MULTIPLE_TAGS':
      return { message: 'a value has two tags', code: 'L106' };
    case 'MULTIPLE_DOCS':
      return { message: 'a second document starts here', code: 'L107' };
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
      return {
        message: `the tag ${/^!\S{0,40}/.exec(rest)?.[0] ?? ''} is not supported`.replace(
          '  ',
          ' ',
        ),
        code: 'L106',
        hint: 'put the value in quotes if it starts with !',
      };
    case 'BAD_DIRECTIVE':
      return { message: 'this line starts with %, which YAML keeps for itself' };
    case 'BAD_PROP_ORDER':
      return { message: 'an anchor or tag stands after the sign it belongs before' };
    case 'RESOURCE_EXHAUSTION':
      return { message: 'lists and mappings are nested too deeply', code: 'L103' };
    case 'UNEXPECTED_TOKEN':
      return unexpected(error.message, rest);
    case 'DUPLICATE_KEY':
    case 'NON_STRING_KEY':
    case 'IMPOSSIBLE':
      return { message: 'this cannot be read' };
  }
}

function missing(message: string, rest: string): Explanation {
  if (/closing 'quote/.test(message))
    return { message: "a text in single quotes has no closing '" };
  if (/closing "quote/.test(message))
    return { message: 'a text in double quotes has no closing "' };
  if (/Implicit map keys/.test(message))
    return {
      message: 'a key has no ":" after it',
      hint: 'every line of a mapping is "key: value"',
    };
  if (message.endsWith('indicator') && /Sequence/.test(message))
    return { message: 'an item of this list has no "-"' };
  if (/Missing , /.test(message)) return { message: 'a comma is missing in this bracket' };
  if (/space after :/.test(message)) return { message: 'a space is missing after ":"' };
  if (/Comments must/.test(message))
    return {
      message: 'a space is missing before "#"',
      hint: 'put the value in quotes if the # belongs to it',
    };
  if (/more-indented leading/.test(message))
    return { message: 'the first lines of this text are indented more than the text' };
  return { message: rest === '' ? 'something is missing at the end' : 'something is missing here' };
}

function unexpected(message: string, rest: string): Explanation {
  if (/doc-end/.test(message)) return { message: '"..." ends a document that has not begun' };
  if (/header includes extra/.test(message))
    return { message: 'after | or > only an indentation digit, + or - may stand' };
  if (/empty item/.test(message) || /Unexpected ,/.test(message))
    return { message: 'a comma with nothing before it' };
  const sign = rest.trim().slice(0, 1);
  if (sign === '') return { message: 'the file ends where more was expected' };
  return {
    message: `"${sign}" is not expected here`,
    ...(/[@`%]/.test(sign) ? { hint: 'put the value in quotes' } : {}),
  };
}
