/** Makes a fork: a copy of a notebook, or of a template, that starts from a hypothesis and ends beside its parent. */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal } from '../shared/refusal.mjs';
import { allNotebooks, findNotebooks, readNotebook, sourceOf, writeNotebook } from './notebooks.mjs';
import { commit } from './versions.mjs';

export const usage = `usage: npm run fork -- <parent> <name>, as in: npm run fork -- barboni2025 wider-student
  the parent 'template' is a notebook from scratch: npm run fork -- template my-question`;

/** A notebook from scratch. */
export const template = fileURLToPath(new URL('template.ipynb', import.meta.url));

/**
 * Writes notebooks/forks/<name>.ipynb and gives its path.
 * @param {string} root @param {string[]} args
 */
export function fork(root, args) {
  const option = args.find(arg => arg.startsWith('-'));
  if (option) throw new Refusal(`a fork has no options, but ${option} is given`, usage);
  if (args.length !== 2)
    throw new Refusal(`a fork needs a parent and a name, but ${args.length} arguments are given`, usage);
  const [parentName, name] = args;
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name) || name.endsWith('.ipynb') || name.length > 80)
    throw new Refusal(
      `'${name}' is not a name for a fork`,
      'letters, digits, dots, dashes and underscores, at most 80, starting with a letter or digit, without .ipynb',
    );
  const taken = allNotebooks(root).find(n => path.basename(n.name).toLowerCase() === name.toLowerCase());
  if (taken) throw new Refusal(`there is already a notebook '${taken.name}'`, 'choose another name');
  const file = path.join(root, 'notebooks', 'forks', `${name}.ipynb`);
  const notebook = parentName === 'template' ? fromTemplate(name) : copy(root, file, name, parentName);
  // Node's own mkdir says ENOENT in a folder that is read-only.
  fs.accessSync(path.join(root, 'notebooks'), fs.constants.W_OK);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  writeNotebook(file, notebook);
  return file;
}

/** @param {string} name @returns {import('./notebooks.mjs').Notebook} */
function fromTemplate(name) {
  const notebook = readNotebook(template);
  return {
    ...notebook,
    cells: [
      heading(name, 'In one sentence: what is this notebook about?', [
        '**Hypothesis.** What should come out, and how large?',
      ]),
      ...notebook.cells,
    ],
  };
}

/**
 * @param {string} root @param {string} file @param {string} name @param {string} parentName
 * @returns {import('./notebooks.mjs').Notebook}
 */
function copy(root, file, name, parentName) {
  const [parent] = findNotebooks(root, [parentName]);
  const relative = path.relative(path.dirname(file), parent.file).split(path.sep).join('/');
  const notebook = readNotebook(parent.file);
  const from = commit(root);
  // The parent's title comes with its summary of what its own runs gave, which is no result of the fork.
  const isTitle = notebook.cells[0]?.cell_type === 'markdown' && /^# /.test(sourceOf(notebook.cells[0]));
  const inherited = notebook.cells.slice(isTitle ? 1 : 0).filter(cell => !cell.metadata.tags?.includes(tag));
  for (const cell of inherited.filter(c => c.cell_type === 'code'))
    Object.assign(cell, { outputs: [], execution_count: null });
  const link = `[${parent.name.replace(/[[\]\\]/g, '\\$&')}](${linkTo(relative)})`;
  const origin = [
    `A fork of ${link} at commit ${from}, which tells its claim and results.`,
    'The texts between the cells are still those of the parent: the results that they tell are not of this fork.',
  ].join(' ');
  return {
    ...notebook,
    cells: [heading(name, origin, ofFork), ...inherited, ending(relative, inherited)],
    metadata: { ...notebook.metadata, widenet: { parent: parent.name, commit: from } },
  };
}

const tag = 'beside-parent';

/** A relative path as a link in Markdown. @param {string} relative */
const linkTo = relative =>
  relative
    .split('/')
    .map(part => encodeURIComponent(part).replace(/[()']/g, c => `%${c.charCodeAt(0).toString(16)}`))
    .join('/');

/** A text as TypeScript's source. @param {string} text */
const quoted = text => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

const id = () => randomUUID().slice(0, 8);

const ofFork = [
  '**Hypothesis.** What should differ from the parent, and by how much?',
  '',
  '**Change.** Which parameters or which part of the step function changes?',
];

/**
 * @param {string} name @param {string} origin @param {string[]} questions the first ones, lines of Markdown
 * @returns {import('./notebooks.mjs').Cell}
 */
function heading(name, origin, questions) {
  const lines = [
    `# ${name}: title to fill in`,
    '',
    origin,
    '',
    ...questions,
    '',
    '**Refuted if.** Which measured value would show the hypothesis wrong? Make it a `claim`.',
    '',
    '**Against.** Which rival should fail the same band? Name it under `against`.',
  ];
  return { cell_type: 'markdown', id: id(), metadata: {}, source: lines.join('\n') };
}

/**
 * @param {string} relative @param {import('./notebooks.mjs').Cell[]} cells @returns {import('./notebooks.mjs').Cell}
 */
function ending(relative, cells) {
  const imports = cells
    .filter(cell => cell.cell_type === 'code')
    .flatMap(cell => [...sourceOf(cell).matchAll(/import\s*\{([^}]*)\}\s*from\s*'widenet'/g)].map(match => match[1]));
  const missing = ['besideParent', 'show'].filter(
    name => !imports.some(list => list.split(',').some(item => item.trim() === name)),
  );
  const lines = [
    ...(missing.length > 0 ? [`import { ${missing.join(', ')} } from 'widenet';`, ''] : []),
    "// this fork on its parent: the claims of both, and the parent's stored curves in grey",
    `show(...besideParent(${quoted(relative)}));`,
  ];
  return {
    cell_type: 'code',
    id: id(),
    metadata: { tags: [tag] },
    execution_count: null,
    outputs: [],
    source: lines.join('\n'),
  };
}
