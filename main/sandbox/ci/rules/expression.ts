// The expressions of `rules:if` and `only:variables`, e.g. `$CI_COMMIT_BRANCH =~ /^release/i && $DEPLOY != null`.
// GitLab: lib/gitlab/ci/pipeline/expression/
import { assertNever } from '../../../model/assert.ts';
import type { Regex, RegexBudget } from '../../untrusted-regex.ts';
import { compileDelimitedRegex, matchesRegex } from '../../untrusted-regex.ts';
import type { VariableValues } from '../variables.ts';

/** What expressions are evaluated with. */
export interface Evaluation {
  readonly values: VariableValues;
  readonly budget: RegexBudget;
}

type Operator = '==' | '!=' | '=~' | '!~' | '&&' | '||';

export type Expression =
  | { readonly kind: 'value'; readonly value: string | boolean | null }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'pattern'; readonly regex: Regex }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    };

type Token =
  | Expression
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: '(' }
  | { readonly kind: ')' };

const maxTokens = 100;
const maxLength = 100_000;

/** `null`: not an expression; GitLab says "Invalid expression syntax". @throws RegexBudgetError */
export function parseExpression(text: string, budget: RegexBudget): Expression | null {
  const tokens = text.length > maxLength ? null : tokenize(text, budget);
  if (tokens === null) return null;
  const reader = { tokens, position: 0 };
  const expression = parseOperations(reader, '||');
  return reader.position === tokens.length ? expression : null;
}

/** Tried in this order at each place. A pattern has two characters at least, as in GitLab. */
const lexemes: readonly (readonly [RegExp, (match: RegExpExecArray, budget: RegexBudget) => Token | null])[] =
  [
    [/\(/y, () => ({ kind: '(' })],
    [/\)/y, () => ({ kind: ')' })],
    [/\$(\w+)/y, (match) => ({ kind: 'variable', name: match[1] ?? '' })],
    [/"(.*?)"|'(.*?)'/y, (match) => ({ kind: 'value', value: match[1] ?? match[2] ?? '' })],
    [/\/([^/]|\\\/)+[^\\]\/[ismU]*/y, (match, budget) => patternToken(match[0], budget)],
    [/null/y, () => ({ kind: 'value', value: null })],
    [/\b(true|false)\b/y, (match) => ({ kind: 'value', value: match[1] === 'true' })],
    [/==/y, () => ({ kind: 'operator', operator: '==' })],
    [/=~/y, () => ({ kind: 'operator', operator: '=~' })],
    [/!=/y, () => ({ kind: 'operator', operator: '!=' })],
    [/!~/y, () => ({ kind: 'operator', operator: '!~' })],
    [/&&/y, () => ({ kind: 'operator', operator: '&&' })],
    [/\|\|/y, () => ({ kind: 'operator', operator: '||' })],
  ];

function tokenize(text: string, budget: RegexBudget): readonly Token[] | null {
  const tokens: Token[] = [];
  for (let position = skipSpace(text, 0); position < text.length; position = skipSpace(text, position)) {
    const found = scan(text, position, budget);
    if (found === null || tokens.length === maxTokens) return null;
    tokens.push(found.token);
    position = found.end;
  }
  return tokens;
}

function skipSpace(text: string, position: number): number {
  const space = /\s*/y;
  space.lastIndex = position;
  return position + (space.exec(text)?.[0].length ?? 0);
}

function scan(
  text: string,
  position: number,
  budget: RegexBudget,
): { readonly token: Token; readonly end: number } | null {
  for (const [pattern, build] of lexemes) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    const token = match === null ? null : build(match, budget);
    if (match !== null) return token === null ? null : { token, end: position + match[0].length };
  }
  return null;
}

function patternToken(text: string, budget: RegexBudget): Token | null {
  const regex = compileDelimitedRegex(text.replaceAll('\\/', '/'), budget);
  return regex === null ? null : { kind: 'pattern', regex };
}

interface TokenReader {
  readonly tokens: readonly Token[];
  position: number;
}

/** Weakest first; comparisons bind strongest and, like the others, from left to right. */
const levels = {
  '||': { operators: ['||'], next: '&&' },
  '&&': { operators: ['&&'], next: 'comparison' },
  comparison: { operators: ['==', '!=', '=~', '!~'], next: null },
} as const satisfies Record<string, { operators: readonly Operator[]; next: string | null }>;

function parseOperations(reader: TokenReader, level: keyof typeof levels): Expression | null {
  const { operators, next } = levels[level];
  const parseOperand = (): Expression | null =>
    next === null ? parseValue(reader) : parseOperations(reader, next);
  let left = parseOperand();
  for (;;) {
    const token = reader.tokens[reader.position];
    if (left === null || token?.kind !== 'operator' || !operators.some((name) => name === token.operator))
      return left;
    reader.position += 1;
    const right = parseOperand();
    left = right === null ? null : { kind: 'operation', operator: token.operator, left, right };
  }
}

function parseValue(reader: TokenReader): Expression | null {
  const token = reader.tokens[reader.position];
  reader.position += 1;
  if (token === undefined || token.kind === 'operator' || token.kind === ')') return null;
  if (token.kind !== '(') return token;
  const inner = parseOperations(reader, '||');
  const closing = reader.tokens[reader.position];
  reader.position += 1;
  return closing?.kind === ')' ? inner : null;
}

type Value = string | boolean | null | Regex;

/** Whether the expression holds: what it yields is neither absent, false nor blank. */
export function isTruthful(expression: Expression, evaluation: Evaluation): boolean {
  const value = evaluate(expression, evaluation);
  return typeof value === 'string' ? value.trim() !== '' : value !== null && value !== false;
}

function evaluate(expression: Expression, evaluation: Evaluation): Value {
  switch (expression.kind) {
    case 'value':
      return expression.value;
    case 'variable':
      return evaluation.values.get(expression.name) ?? null;
    case 'pattern':
      return expression.regex;
    case 'operation':
      return operate(expression.operator, expression.left, expression.right, evaluation);
    default:
      return assertNever(expression);
  }
}

function operate(
  operator: Operator,
  leftSide: Expression,
  rightSide: Expression,
  evaluation: Evaluation,
): Value {
  const left = evaluate(leftSide, evaluation);
  // As in Ruby only `null` and `false` fail: an empty string goes on to the right side.
  if (operator === '&&') return left === null || left === false ? left : evaluate(rightSide, evaluation);
  if (operator === '||') return left === null || left === false ? evaluate(rightSide, evaluation) : left;
  const right = evaluate(rightSide, evaluation);
  switch (operator) {
    case '==':
      return comparable(left) === comparable(right);
    case '!=':
      return comparable(left) !== comparable(right);
    case '=~':
      return matches(left, right, evaluation.budget) ?? false;
    case '!~':
      return !(matches(left, right, evaluation.budget) ?? false);
    default:
      return assertNever(operator);
  }
}

const comparable = (value: Value): string | boolean | null =>
  typeof value === 'object' && value !== null ? `pattern ${value.pattern()}` : value;

/** `null`: there is nothing to match against. A text that is no pattern matches the texts that it contains. */
function matches(left: Value, right: Value, budget: RegexBudget): boolean | null {
  if (right === null || typeof right === 'boolean') return null;
  const text = typeof left === 'string' || typeof left === 'boolean' ? String(left) : '';
  if (typeof right !== 'string') return matchesRegex(right, text, budget);
  const regex = compileDelimitedRegex(right.replaceAll('\\/', '/'), budget);
  return regex === null ? right.includes(text) : matchesRegex(regex, text, budget);
}
