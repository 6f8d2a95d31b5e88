/** Every character of a value is found again in the file, in all the ways that YAML can write a text. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Document, Scalar } from 'yaml';
import { YamlScalar } from '../../src/lattice/yaml.ts';
import { yamlValue } from './pieces.ts';

const STYLES = [
  Scalar.PLAIN,
  Scalar.QUOTE_SINGLE,
  Scalar.QUOTE_DOUBLE,
  Scalar.BLOCK_LITERAL,
  Scalar.BLOCK_FOLDED,
] as const;

const words = fc
  .array(
    fc.constantFrom(
      'word',
      'a',
      "it's",
      '"x"',
      '${{ inputs.a }}',
      'ä',
      '🎉',
      ' ',
      '  ',
      '\n',
      '\n\n',
      '\n  ',
      'x'.repeat(50),
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((list) => list.join(''));

test.each(STYLES)('%s', (style) => {
  fc.assert(
    fc.property(words, fc.constantFrom('\n', '\r\n'), (value, lineEnd) => {
      const scalar = new Scalar(value);
      scalar.type = style;
      const text = new Document({ key: scalar }).toString().replaceAll('\n', lineEnd);
      const node = yamlValue(text);
      if (!(node instanceof YamlScalar)) throw new Error('not a scalar');
      // A whole value is marked with its quotes.
      fc.pre(node.value === value && value.length > 1);
      const wrong: string[] = [];
      let before = node.span.start;
      for (let index = 0; index < value.length; index += 1) {
        const at = node.offsetOf(index);
        if (at < before || at > node.span.end) wrong.push(`${index} stands at ${at}`);
        before = at;
        const unit = value[index] ?? '';
        if (unit.trim() === '') continue;
        const { start, end } = node.spanOf(index, index + 1);
        // A quote is written as '' or \" where its kind of text needs it; everything else as it is.
        const written = text.slice(start, end);
        const isRight = written === unit || written === unit + unit || written === `\\${unit}`;
        if (!isRight) wrong.push(`${index}: ${JSON.stringify([unit, written])}`);
      }
      expect(wrong).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
