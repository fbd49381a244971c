// How the command line reports an error, and with which exit code.
import type { ErrorShape } from '../contract/error.ts';
import { errorShapeOf } from '../serve/answer.ts';
import type { Terminal } from './access.ts';
import { clean, paint, wrap } from './render/text.ts';
import type { View } from './render/text.ts';

/** The exit code of an error: 2 wrong usage, 3 something cannot be reached, 4 would lose data, otherwise 1. */
export function exitCodeOf(key: string): 1 | 2 | 3 | 4 {
  if (key.startsWith('usage.') || key === 'request.invalid') return 2;
  if (key.startsWith('refused.')) return 4;
  if (key === 'core.unreachable' || key === 'core.version-differs') return 3;
  if (key.startsWith('engine.') || key.startsWith('gitlab.')) return 3;
  return 1;
}

/** Three parts: what happened and why; what to do now; the key. */
export function renderError(error: ErrorShape, view: View): string {
  const [first = '', ...more] = wrap(clean(error.message), Math.max(8, view.width - 2));
  const next = wrap(clean(error.next), Math.max(8, view.width - 2));
  const lines = [`${paint('×', 'bad', view)} ${first}`, ...[...more, ...next].map((line) => `  ${line}`)];
  return [...lines, `  ${paint(error.key, 'quiet', view)}`].map((line) => `${line}\n`).join('');
}

/** Reports anything that was thrown, as a JSON document or in words, and says which exit code it deserves. */
export function reportError(
  error: unknown,
  json: boolean,
  outputs: { readonly out: Terminal; readonly err: Terminal; readonly view: View },
): number {
  const shape = errorShapeOf(error);
  if (json) {
    const { key, message, next, fields } = shape;
    outputs.out.write(`${JSON.stringify({ error: { key, message, next, fields } }, null, 2)}\n`);
  } else outputs.err.write(renderError(shape, outputs.view));
  return exitCodeOf(shape.key);
}
