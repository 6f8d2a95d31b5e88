/** What a small reader of XML meets. */
export type XmlEvent =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<!(?:[^>"'[]|"[^"]*"|'[^']*'|\[[^\]]*\])*>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>|([^<]+)|</g;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

/** Reads XML leniently, as reports of tests need it: no DTD, no entities but the five and numbers; bad text is text. */
export function* xmlEvents(text: string): Generator<XmlEvent> {
  for (const match of text.matchAll(TOKEN)) {
    const [, cdata, closed, opened, attributes = '', self, plain] = match;
    if (cdata !== undefined) {
      yield { kind: 'text', text: cdata };
    } else if (closed !== undefined) {
      yield { kind: 'close', name: closed };
    } else if (opened !== undefined) {
      yield { kind: 'open', name: opened, attributes: readAttributes(attributes) };
      if (self === '/') {
        yield { kind: 'close', name: opened };
      }
    } else if (plain !== undefined) {
      yield { kind: 'text', text: unescape(plain) };
    }
  }
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE)) {
    attributes.set(name, unescape(double ?? single ?? ''));
  }
  return attributes;
}

function unescape(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi,
    (all, hex, decimal, name) => {
      if (typeof name === 'string') {
        return NAMED[name] ?? all;
      }
      const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    },
  );
}
