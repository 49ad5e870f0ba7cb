import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { apiPage } from '../../kernel-setup/run/api.mjs';
import { inProject, languageService } from '../support/compilers';
import { comments, exported } from '../support/door';
import { root } from '../support/root';

const page = readFileSync(path.join(root, 'src', 'API.md'), 'utf8');

test('the reference is that of the present docstrings: npm run format makes it', () => {
  expect(apiPage(root) === page).toBe(true);
});

test('the reference holds every export once, with its declaration, and links that lead there', () => {
  const headings = [...page.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
  const named = page.split('\n## Types named above')[1].match(/^### .*$/gm)!;
  expect(headings.slice(0, -named.length).sort()).toEqual(exported.map(({ name }) => name).sort());
  expect(new Set(headings).size).toBe(headings.length);
  const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, target]) => target);
  expect(links).toEqual(headings.map(name => name.toLowerCase().replaceAll('.', '')));
  const entries = page.split(/^### /m).slice(1);
  expect(entries.filter(entry => !/^.*\n\n```ts\n[^`]/.test(entry))).toEqual([]);
  expect(entries.filter(entry => entry.split('```')[2].trim() === '')).toEqual([]);
  expect(entries.filter(entry => / \{\n {2}(const|return|if) /.test(entry.split('```')[1]))).toEqual([]);
});

test('no sign of arithmetic in it is read as markup', () => {
  const outside = page.replace(/```[^]*?```|`[^`]*`/g, '');
  expect(outside.match(/(?<!\\)[*<>|]/g) ?? []).toEqual([]);
  expect(exported.flatMap(comments).join('').length).toBeGreaterThan(10_000);
});

test('each type that a declaration in it names has an entry, or is of TypeScript, TensorFlow.js or danfo', () => {
  const declarations = [...page.matchAll(/^### .*\n\n```ts\n([^]*?)```$/gm)].map(([, code]) => code);
  const others = ["import type { tf } from 'widenet';", "import type { DataFrame } from 'danfojs-node';"];
  const service = languageService(ts, { 'test/page.ts': [...others, ...declarations].join('\n') });
  const errors = service.getSemanticDiagnostics(inProject('test/page.ts'));
  const messages = errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  expect(messages.filter(message => /^Cannot find/.test(message))).toEqual([]);
});
