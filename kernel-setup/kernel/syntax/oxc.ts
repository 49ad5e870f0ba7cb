/** The types of oxc-parser's syntax trees. */
export type {
  BindingPattern,
  Expression,
  ImportDeclaration,
  Node,
  Program,
  Statement,
  VariableDeclaration,
} from '@oxc-project/types';
export type { OxcError } from 'oxc-parser';
