/** The ways through oxc-parser's syntax trees. */
import { visitorKeys } from 'oxc-parser';
import type { Node } from './oxc';

/** What a node holds, in the order of the text. */
export const childrenOf = <N extends { type: string }>(node: N): N[] =>
  (visitorKeys[node.type] ?? []).flatMap(key => (node as Record<string, any>)[key] ?? []).filter(Boolean);

/** Visits a node and, where `visit` says so, what it holds. */
export function walk(node: Node, visit: (node: Node) => boolean): void {
  if (visit(node)) for (const child of childrenOf(node)) walk(child, visit);
}

const closed = /^(?:(?:Arrow)?Function(?:Declaration|Expression)|StaticBlock|TSModuleDeclaration)$/;

/** Visits what stands outside functions, namespaces and static blocks of classes. */
export function walkOutside(node: Node, visit: (node: Node) => void): void {
  walk(node, inner => {
    visit(inner);
    return !closed.test(inner.type);
  });
}
