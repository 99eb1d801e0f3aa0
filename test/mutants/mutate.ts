import ts from 'typescript';
import { changesOf, changesOfCondition, isCondition, isDroppable, type Change } from './operators.ts';
import { printOf } from './print.ts';

/** One small change of a source file. */
export interface Mutant {
  /** Its number among all of the run; the same as long as the sources are. */
  readonly id: number;
  /** From the checkout. */
  readonly file: string;
  /** The named function or constant around it; '' at the top of the file. */
  readonly within: string;
  /** From 1. */
  readonly line: number;
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** A text that stays the same while the statement at the top of the file that holds it does. */
  readonly print: string;
}

export interface Mutated {
  readonly mutants: Mutant[];
  /** JavaScript with all of them in it; `isMutant(id)` says which one is in force. */
  readonly code: string;
}

/** Makes all mutants of a source file. `first`: the id of the first one. `runtime`: where `isMutant` is imported from. */
export function mutate(file: string, text: string, first: number, runtime: string): Mutated {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const mutants: Mutant[] = [];

  const add = (node: ts.Node, { what, text: after }: Change): number => {
    const id = first + mutants.length;
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    const top = topOf(node);
    const print = printOf(file, top.getText(source), `${node.getStart(source) - top.getStart(source)}`, what, after);
    mutants.push({ id, file, within: nameAround(node), line, what, before: node.getText(source), after, print });
    return id;
  };

  /** The text of a node, with the mutants of all inside it. */
  const render = (node: ts.Node): string => {
    if (isOnlyTypes(node)) return node.getText(source);
    const changes = ts.isExpression(node) ? expressionChanges(node, source) : [];
    const ids = changes.map((change) => add(node, change));
    const dropped = isStatementIn(node) && isDroppable(node, source) ? add(node, { what: 'drops the statement', text: '' }) : null;
    const own = renderChildren(node);
    if (dropped !== null) return `{ if (!isMutant(${dropped})) { ${own} } }`;
    if (ids.length === 0) return own;
    return `(${changes.map(({ text: other }, index) => `isMutant(${ids[index]}) ? (${other}) : `).join('')}(${own}))`;
  };

  const renderChildren = (node: ts.Node): string => {
    const [start, children] = [node.getStart(source), [] as ts.Node[]];
    ts.forEachChild(node, (child) => void children.push(child));
    let [result, at] = ['', start];
    for (const child of children.sort((one, other) => one.getStart(source) - other.getStart(source))) {
      result += text.slice(at, child.getStart(source)) + render(child);
      at = child.end;
    }
    return result + text.slice(at, node.end);
  };

  const body = source.statements.map((statement) => text.slice(statement.pos, statement.getStart(source)) + render(statement)).join('');
  const typed = `import { isMutant } from ${JSON.stringify(runtime)};${body}`;
  const { outputText } = ts.transpileModule(typed, {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  return { mutants, code: outputText };
}

function expressionChanges(node: ts.Expression, source: ts.SourceFile): Change[] {
  if (!isValue(node)) return [];
  return [...(isCondition(node) ? changesOfCondition(node) : []), ...changesOf(node, source)];
}

/** Whether something else may stand in the place of the node: not a name, a part of a type, or what is assigned to. */
function isValue(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false;
  if (ts.isLiteralTypeNode(parent) || ts.isElementAccessExpression(parent)) return false;
  return !ts.isOptionalChain(node); // in parentheses, what follows it would no longer be skipped
}

function isStatementIn(node: ts.Node): node is ts.Statement {
  return ts.isStatement(node) && !ts.isSourceFile(node.parent);
}

function isOnlyTypes(node: ts.Node): boolean {
  return (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isTypeParameterDeclaration(node)
  );
}

/** The statement at the top of the file that holds the node. */
function topOf(node: ts.Node): ts.Node {
  let at = node;
  while (!ts.isSourceFile(at.parent)) at = at.parent;
  return at;
}

function nameAround(node: ts.Node): string {
  for (let at: ts.Node = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (!ts.isFunctionDeclaration(at) && !ts.isMethodDeclaration(at) && !ts.isVariableDeclaration(at)) continue;
    if (at.name && ts.isIdentifier(at.name)) return at.name.text;
  }
  return '';
}
