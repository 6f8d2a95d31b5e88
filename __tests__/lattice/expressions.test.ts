/** What expressions give, as data: the tables and examples of GitHub's documentation, and what a lattice adds. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../src/base/json.ts';
import type { Contexts } from '../../src/lattice/plan.ts';
import { render, renderString } from '../../src/lattice/template.ts';
import { readTemplate } from './pieces.ts';

interface CaseFile {
  readonly source: string;
  readonly contexts: Contexts;
  readonly cases: readonly {
    readonly expression: string;
    readonly value?: Json;
    readonly text?: string;
    readonly error?: string;
  }[];
}

const FOLDER = new URL('./expressions/', import.meta.url);

describe.each(readdirSync(FOLDER))('%s', (name) => {
  const file = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as CaseFile;

  test.each(file.cases.map((found) => [found.expression, found] as const))('%s', (_, found) => {
    const { value: template, diagnostics } = readTemplate(
      `key: ${JSON.stringify(`\${{ ${found.expression} }}`)}`,
    );
    const result = template && render(template, file.contexts);
    if (found.error !== undefined) {
      const said =
        result === undefined
          ? diagnostics.map((d) => d.message)
          : result.ok
            ? []
            : [result.error.message];
      expect(said).toEqual([expect.stringContaining(found.error)]);
      return;
    }
    expect(diagnostics).toEqual([]);
    expect(result).toEqual({ ok: true, value: found.value });
    if (found.text !== undefined && template !== undefined) {
      expect(renderString(template, file.contexts)).toEqual({ ok: true, value: found.text });
    }
  });
});
