import ts from 'typescript';

/** A change of a node: what stands in its place. */
export interface Change {
  readonly what: string;
  readonly text: string;
}

const BINARY = new Map<string, readonly string[]>(
  Object.entries({
    '===': ['!=='],
    '!==': ['==='],
    '<': ['<=', '>='],
    '<=': ['<', '>'],
    '>': ['>=', '<='],
    '>=': ['>', '<'],
    '&&': ['||'],
    '||': ['&&'],
    '-': ['+'],
    '*': ['/'],
    '/': ['*'],
  }),
);

const METHODS = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['min', 'max'],
  ['max', 'min'],
  ['startsWith', 'endsWith'],
]);

/** Larger numbers are sizes and milliseconds, whose last digit no test needs to know. */
const LARGEST_NUMBER = 1000;

/** Calls that only say or tidy up something. */
const NOT_CHECKED = /^(?:await )?(?:.*\blog\.\w+\(|.*\.unref\(|clearTimeout\(|super\()/s;

/** The changes of an expression, each a text for the place of the whole expression. */
export function changesOf(node: ts.Expression, source: ts.SourceFile): Change[] {
  const text = node.getText(source);
  if (ts.isBinaryExpression(node)) return changesOfBinary(node, source);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return isCondition(node) ? [] : [{ what: 'drops the negation', text: node.operand.getText(source) }];
  }
  if (ts.isConditionalExpression(node)) {
    const [yes, no] = [node.whenTrue, node.whenFalse].map((branch) => branch.getText(source));
    return [
      { what: 'always the first branch', text: `(${yes})` },
      { what: 'always the second branch', text: `(${no})` },
    ];
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [{ what: 'true becomes false', text: 'false' }];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [{ what: 'false becomes true', text: 'true' }];
  if (ts.isNumericLiteral(node)) return isForTheCompiler(node.parent) ? [] : changesOfNumber(text);
  if (ts.isCallExpression(node)) return changesOfCall(node, source);
  return [];
}

/** The changes of the condition of an `if` or a loop. */
export function changesOfCondition(node: ts.Expression): Change[] {
  const always = { what: 'always true', text: 'true' };
  const never = { what: 'never true', text: 'false' };
  return ts.isIfStatement(node.parent) ? [always, never] : [never]; // an endless loop shows nothing
}

/** Whether a statement is dropped as a whole. */
export function isDroppable(node: ts.Statement, source: ts.SourceFile): boolean {
  if (ts.isThrowStatement(node)) return true;
  return ts.isExpressionStatement(node) && !ts.isStringLiteral(node.expression) && !NOT_CHECKED.test(node.getText(source));
}

/** Whether an expression is a condition, which is mutated differently. */
export function isCondition(node: ts.Expression): boolean {
  const { parent } = node;
  return (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) && parent.expression === node;
}

function changesOfBinary(node: ts.BinaryExpression, source: ts.SourceFile): Change[] {
  const [left, operator, right] = [node.left.getText(source), node.operatorToken.getText(source), node.right.getText(source)];
  if (operator === '??' && /^(?:null|undefined)$/.test(right)) return []; // most code treats both alike
  if (operator === '??' && isForTheCompiler(node)) return [];
  if (operator === '??') return [{ what: 'drops what stands in for null', text: left }];
  if (operator === '+') return isText(node.left) || isText(node.right) ? [] : [{ what: '+ becomes -', text: `${left} - (${right})` }];
  const others = BINARY.get(operator) ?? [];
  // A condition that is one comparison is covered by "always" and "never", but for its bounds.
  const useful = isCondition(node) ? others.filter((other) => other.startsWith(operator) || operator.startsWith(other)) : others;
  return useful.map((other) => ({ what: `${operator} becomes ${other}`, text: `(${left}) ${other} (${right})` }));
}

/** `list[index] ?? 0`, which the compiler asks for where the index is always within the list. */
function isForTheCompiler(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.QuestionQuestionToken) return false;
  return ts.isElementAccessExpression(node.left) && ts.isNumericLiteral(node.right);
}

function changesOfNumber(text: string): Change[] {
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isInteger(value) || value >= LARGEST_NUMBER) return [];
  return [value + 1, value - 1].map((other) => ({ what: `${text} becomes ${other}`, text: `${other}` }));
}

function changesOfCall(node: ts.CallExpression, source: ts.SourceFile): Change[] {
  const { expression } = node;
  if (!ts.isPropertyAccessExpression(expression) || expression.questionDotToken) return [];
  const name = expression.name.text;
  const object = expression.expression.getText(source);
  const rest = source.text.slice(expression.end, node.end);
  if (name === 'filter') return [{ what: 'drops the filter', text: object }];
  const other = METHODS.get(name);
  return other === undefined ? [] : [{ what: `${name} becomes ${other}`, text: `${object}.${other}${rest}` }];
}

function isText(node: ts.Expression): boolean {
  return ts.isStringLiteral(node) || ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node);
}
