/** What the formatter and the linter do not see: long comments, long files, and signs that point nowhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(__dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8').split('\n');

/** What git does not track, by the names in .gitignore; read here, because an unpacked archive has no git. */
const ignored = ['.git/', ...read('.gitignore')]
  .filter(Boolean)
  .map(name => new RegExp(`^${name.replace(/\/$/, '').replaceAll('.', '\\.').replaceAll('*', '.*')}$`));

const filesIn = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !ignored.some(pattern => pattern.test(name)))
    .flatMap(entry => {
      const file = path.posix.join(folder, entry.name);
      return entry.isDirectory() ? filesIn(file) : [file];
    });

const files = filesIn('.');

test('lines end in LF, whatever git was told to check out', () => {
  expect(read('.gitattributes')).toContain('* text=auto eol=lf');
  expect(
    files.filter(
      file => !/\.(ipynb|png)$|^notebooks\/forks\//.test(file) && read(file).some(line => line.endsWith('\r')),
    ),
  ).toEqual([]);
});

const long = (line: string) => [...line].length > 120;

const isComment = (line: string) => /^\s*(\/\*|\*|\/\/)/.test(line);
/** The line with what cannot be broken taken out: strings and addresses. */
const breakable = (line: string) => line.replace(/(["'`]).*\1|https?:\S+/g, '');

test.each(files.filter(file => /\.(ts|mts|mjs|cjs|js)$/.test(file)))('%s has no comment over 120 columns', file => {
  const withoutAddresses = (line: string) => line.replace(/https?:\S+/g, '');
  expect(read(file).filter(line => isComment(line) && long(withoutAddresses(line)))).toEqual([]);
});

test.each(files.filter(file => /\.(py|cc|h)$|^\.ci\//.test(file)))('%s has no line over 120 columns', file => {
  expect(read(file).filter(line => long(breakable(line)))).toEqual([]);
});

test.each(files.filter(file => /^(src|kernel-setup)\/.*\.(ts|mjs|cjs|js|cc|py)$/.test(file)))(
  '%s has at most 300 lines',
  file => {
    expect(read(file).length).toBeLessThanOrEqual(301);
  },
);

/** What a sign names: links, and code that is the path of a file or folder here. */
function named(text: string): string[] {
  const code = [...text.matchAll(/`(\.?[\w-]+(?:\/[\w.-]+)*(?:\/|\.(?:ts|mjs|py|jsonc)))`/g)].map(([, name]) => name);
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target);
  return [...code, ...links.filter(target => !/^https?:/.test(target))];
}

test.each([
  ['README.md', ['.']],
  ['src/README.md', ['.', 'src', 'kernel-setup']],
  ['kernel-setup/README.md', ['.', 'kernel-setup']],
  ['test/README.md', ['.', 'test']],
])('the files and folders that %s names are there', (sign, folders) => {
  const names = named(readFileSync(path.join(root, sign), 'utf8'));
  expect(names.length).toBeGreaterThan(0);
  const isThere = (name: string) => folders.some(folder => existsSync(path.join(root, folder, name)));
  // What runs and forks make is not there in a fresh clone.
  expect(names.filter(name => !isThere(name) && !/^(output|figures|rows|notebooks\/forks)\//.test(name))).toEqual([]);
});
