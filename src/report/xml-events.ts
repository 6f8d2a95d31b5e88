import { XMLParser } from 'fast-xml-parser';

/** What a reader of an XML document meets, in its order. */
export type XmlEvent =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

/** The parser's form that keeps the order: a mapping of one element's name to its children, `:@` its attributes. */
type XmlNode = Readonly<Record<string, unknown>>;

const ATTRIBUTES = ':@';

/** The elements and texts of a document; throws where it is no XML. Values stay texts: a test may be named `1e3`. */
export function* xmlEvents(text: string): Generator<XmlEvent> {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    // Numeric references, which runners use for line feeds in messages, count as HTML's here.
    htmlEntities: true,
  });
  yield* eventsOf(parser.parse(text) as readonly XmlNode[]);
}

function* eventsOf(nodes: readonly XmlNode[]): Generator<XmlEvent> {
  for (const node of nodes) {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
    const inside = name === undefined ? undefined : node[name];
    if (name === '#text') {
      yield { kind: 'text', text: String(inside) };
    } else if (name !== undefined) {
      const attributes = (node[ATTRIBUTES] ?? {}) as Readonly<Record<string, unknown>>;
      yield {
        kind: 'open',
        name,
        attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, String(value)])),
      };
      yield* eventsOf(Array.isArray(inside) ? (inside as readonly XmlNode[]) : []);
      yield { kind: 'close', name };
    }
  }
}
