/** What the language server offers for a text that is being written: completions, signatures and descriptions. */
import { offsets } from './findings';

/** A position in a text, about which the server can be asked. */
export interface Question {
  ask(method: string, about?: object): Promise<any>;
  source: string;
  offset: number;
  linesAbove: number;
}

export interface Completions {
  /** What the names replace, in UTF-16 units. */
  start: number;
  end: number;
  items: { name: string; kind: string }[];
}

/** What stands at a position. */
export interface Description {
  signature: string;
  /** Markdown. */
  docs: string;
}

/** Kinds of completions as the protocol numbers them, from 1. */
const protocolKinds =
  'text method function constructor property variable class interface module property unit value enum keyword snippet ' +
  'color file reference folder member constant struct event operator type';
const kindNames = protocolKinds.split(' ');

interface Item {
  label: string;
  kind: number;
  sortText?: string;
  insertText?: string;
  textEdit?: { newText: string; range?: Range; replace?: Range };
}

interface Range {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

const isOwn = (name: string) => name.startsWith('__widenet_');

/** Where the name that ends at a position begins; in the path of an import, the part behind the last slash. */
function startOfName(source: string, offset: number): number {
  const before = source.slice(0, offset);
  const quoted = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*(['"`])([^'"`\n]*)$/.exec(before);
  if (quoted) return offset - quoted[2]!.length + (quoted[2]!.startsWith('.') ? quoted[2]!.lastIndexOf('/') + 1 : 0);
  return offset - /[\p{ID_Continue}$\u200c\u200d]*$/u.exec(before)![0].length;
}

/** How many completions are looked at closely. */
const few = 30;

/** What an imported name stands for, which the list of completions leaves out. */
async function kindOf(item: Item, ask: Question['ask']): Promise<string> {
  const kind = kindNames[item.kind - 1] ?? '';
  if (kind !== 'variable') return kind;
  const { detail }: { detail?: string } = await ask('completionItem/resolve', item);
  const [, word] =
    /^\(alias\) (?:abstract )?(function|class|enum|namespace|module|interface|type)\b/.exec(detail ?? '') ?? [];
  return word ?? kind;
}

/** Names that begin with what is written, in its own case first. */
export async function completions({ ask, source, offset, linesAbove }: Question): Promise<Completions> {
  const answer = await ask('textDocument/completion');
  const all: Item[] = ((Array.isArray(answer) ? answer : answer?.items) ?? []).filter(
    ({ label }: Item) => !isOwn(label),
  );
  // In a text, such as a union of texts or a path, every item says what it replaces; elsewhere only those that would
  // replace more than a name.
  const isText = all.length > 0 && all.every(({ textEdit }) => textEdit);
  const range = isText ? (all[0].textEdit!.range ?? all[0].textEdit!.replace) : undefined;
  const start = range ? offsets(source, linesAbove)(range.start) : startOfName(source, offset);
  const prefix = source.slice(start, offset);
  const order = ({ label, sortText = '' }: Item) => `${label.startsWith(prefix) ? 0 : 1}${sortText} ${label}`;
  const suited = all
    .filter(({ label, textEdit }) => label.toLowerCase().startsWith(prefix.toLowerCase()) && (isText || !textEdit))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const kinds = suited.map(item => (suited.length > few ? (kindNames[item.kind - 1] ?? '') : kindOf(item, ask)));
  const items = await Promise.all(kinds);
  return { start, end: offset, items: suited.map(({ label }, index) => ({ name: label, kind: items[index]! })) };
}

interface Signature {
  label: string;
  documentation?: { value: string };
  parameters?: { label: string; documentation?: { value: string } }[];
}

/** The signature of the function whose arguments the position is in. */
async function calledAt({ ask }: Question): Promise<Description | undefined> {
  const help: { signatures: Signature[]; activeSignature?: number } | null = await ask('textDocument/signatureHelp');
  const signature = help?.signatures[help.activeSignature ?? 0];
  if (!help || !signature) return undefined;
  const parameters = (signature.parameters ?? [])
    .filter(({ documentation }) => documentation)
    .map(({ label, documentation }) => `*@param* \`${label}\`: ${documentation!.value}`);
  return {
    signature: help.signatures.map(({ label }) => label).join('\n'),
    docs: [signature.documentation?.value ?? '', ...parameters].filter(text => text !== '').join('\n\n'),
  };
}

/** The name at the position, or the function whose arguments it is in. */
export async function description(question: Question): Promise<Description | undefined> {
  const hover: { contents: { value: string } } | null = await question.ask('textDocument/hover');
  const parts = hover && /^```\w+\n([^]*?)\n```\n?([^]*)$/.exec(hover.contents.value);
  // "any" is what is said of a name that nobody has declared.
  if (!parts || parts[1] === 'any') return calledAt(question);
  return { signature: parts[1].replace(/^\(alias\) /, '').replace(/\nimport \S+$/m, ''), docs: parts[2].trim() };
}
