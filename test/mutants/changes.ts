/** Small wrong changes of a source text, such as a hand makes by mistake: another operator, axis, order, number or default. */
import ts from 'typescript';

/** The characters `start..end` of a text become `text`. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Every change that is tried of a file, in the order of the text. Some of them do not compile. */
export function changesOf(source: string): Change[] {
  const found = new Map<string, Change>();
  const visit = (node: ts.Node): void => {
    if (isSpared(node)) return;
    for (const make of kinds)
      for (const change of make(node)) {
        const { start, end, text } = change;
        if (source.slice(start, end) !== text) found.set(`${start} ${end} ${text}`, change);
      }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', source, ts.ScriptTarget.Latest, true));
  return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The text with the change made. */
export const withChange = (source: string, { start, end, text }: Change): string =>
  source.slice(0, start) + text + source.slice(end);

/** Types, imports, texts of help and what errors say: no result rests on them. */
const isSpared = (node: ts.Node): boolean =>
  ts.isTypeNode(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  (ts.isNewExpression(node) && /Error$/.test(node.expression.getText())) ||
  (ts.isPropertyAccessExpression(node) && node.name.text === 'describe');

const inPlaceOf = (node: ts.Node, text: string): Change => ({ start: node.getStart(), end: node.getEnd(), text });

/** One of several nodes with commas between them is left out, with its comma. */
function leftOut(nodes: ts.NodeArray<ts.Node>, index: number): Change {
  const [node, before, after] = [nodes[index]!, nodes[index - 1], nodes[index + 1]];
  if (after) return { start: node.getStart(), end: after.getStart(), text: '' };
  return { start: before?.getEnd() ?? node.getStart(), end: node.getEnd(), text: '' };
}

const exchanged: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
  [ts.SyntaxKind.PercentToken, '*'],
  [ts.SyntaxKind.AsteriskAsteriskToken, '*'],
  [ts.SyntaxKind.PlusEqualsToken, '-='],
  [ts.SyntaxKind.MinusEqualsToken, '+='],
  [ts.SyntaxKind.AsteriskEqualsToken, '/='],
  [ts.SyntaxKind.SlashEqualsToken, '*='],
  [ts.SyntaxKind.AmpersandToken, '|'],
  [ts.SyntaxKind.BarToken, '&'],
  [ts.SyntaxKind.CaretToken, '|'],
  [ts.SyntaxKind.LessThanLessThanToken, '>>'],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, '<<'],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, '>>'],
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
]);

/** Methods that are taken for one another as operators are: tensors have no operators. */
const alike: ReadonlyMap<string, string> = new Map(
  [
    ['add', 'sub'],
    ['mul', 'div'],
    ['sum', 'mean'],
    ['max', 'min'],
    ['floor', 'ceil'],
    ['sin', 'cos'],
    ['exp', 'log'],
    ['square', 'abs'],
    ['greater', 'less'],
    ['some', 'every'],
    ['find', 'findLast'],
    ['indexOf', 'lastIndexOf'],
  ].flatMap(([a, b]): [string, string][] => [
    [a!, b!],
    [b!, a!],
  ]),
);

/** Functions whose first two arguments may change places without a difference. */
const isSymmetric = (name: string): boolean => /(^|\.)(max|min|hypot)$/.test(name);

/** A name or a value read from something: it can be forgotten, and 0 stand for it. */
const isRead = (node: ts.Node): boolean =>
  ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) || ts.isNonNullExpression(node);

const kinds: readonly ((node: ts.Node) => readonly Change[])[] = [
  function operators(node) {
    if (!ts.isBinaryExpression(node)) return [];
    const { operatorToken: token, right } = node;
    if (token.kind === ts.SyntaxKind.QuestionQuestionToken) return [inPlaceOf(node, right.getText())];
    const other = exchanged.get(token.kind);
    return other === undefined ? [] : [inPlaceOf(token, other)];
  },

  function signs(node) {
    if (!ts.isPrefixUnaryExpression(node)) return [];
    const { operator, operand } = node;
    const isSign = operator === ts.SyntaxKind.ExclamationToken || operator === ts.SyntaxKind.MinusToken;
    return isSign ? [inPlaceOf(node, operand.getText())] : [];
  },

  function numbers(node) {
    if (!ts.isNumericLiteral(node)) return [];
    const value = Number(node.getText().replaceAll('_', ''));
    // A small floor or tolerance is forgotten; any other number that is not whole is twice as large.
    if (!Number.isInteger(value)) return [inPlaceOf(node, value < 1e-3 ? '0' : String(2 * value))];
    return [value + 1, ...(value > 0 ? [value - 1] : [])].map((other) => inPlaceOf(node, String(other)));
  },

  function booleans(node) {
    if (node.kind === ts.SyntaxKind.TrueKeyword) return [inPlaceOf(node, 'false')];
    return node.kind === ts.SyntaxKind.FalseKeyword ? [inPlaceOf(node, 'true')] : [];
  },

  function conditions(node) {
    if (ts.isIfStatement(node)) return [inPlaceOf(node.expression, `!(${node.expression.getText()})`)];
    if (!ts.isConditionalExpression(node)) return [];
    return [inPlaceOf(node, `${node.condition.getText()} ? ${node.whenFalse.getText()} : ${node.whenTrue.getText()}`)];
  },

  function statements(node) {
    const canGo =
      ts.isExpressionStatement(node) ||
      ts.isBreakStatement(node) ||
      ts.isContinueStatement(node) ||
      (ts.isIfStatement(node) && !node.elseStatement) ||
      (ts.isReturnStatement(node) && !node.expression);
    return canGo ? [inPlaceOf(node, ';')] : [];
  },

  function methods(node) {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
    const { expression: on, name } = node.expression;
    if (name.text === 'describe') return [];
    const other = alike.get(name.text);
    return [inPlaceOf(node, on.getText()), ...(other === undefined ? [] : [inPlaceOf(name, other)])];
  },

  function callArguments(node) {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return [];
    const given = node.arguments ?? ts.factory.createNodeArray<ts.Expression>();
    const [a, b] = given;
    const swapped = a && b && !isSymmetric(node.expression.getText());
    return [
      ...(swapped ? [{ start: a.getStart(), end: b.getEnd(), text: `${b.getText()}, ${a.getText()}` }] : []),
      ...(given.length > 0 ? [leftOut(given, given.length - 1)] : []),
      ...given.filter(isRead).map((argument) => inPlaceOf(argument, '0')),
    ];
  },

  function options(node) {
    if (!ts.isObjectLiteralExpression(node)) return [];
    return node.properties.flatMap((property, i) => [
      leftOut(node.properties, i),
      ...(ts.isShorthandPropertyAssignment(property) ? [inPlaceOf(property, `${property.getText()}: 0`)] : []),
      ...(ts.isPropertyAssignment(property) && isRead(property.initializer)
        ? [inPlaceOf(property.initializer, '0')]
        : []),
    ]);
  },
];
