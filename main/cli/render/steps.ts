// Steps of something that was tried, each with its sign, what it found and what to do about it.
import type { Output } from '../../contract/contract.ts';
import { clean, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

export type Step = Output<'sso.check'>['steps'][number];

const signs: Readonly<Record<Step['state'], readonly [string, Tone]>> = {
  good: ['✓', 'good'],
  warning: ['!', 'warn'],
  bad: ['×', 'bad'],
  skipped: ['-', 'quiet'],
};

/** A text that fits beside an indent of so many columns. */
export function linesBeside(text: string, indent: number, view: View): readonly string[] {
  return wrap(clean(text), Math.max(8, view.width - indent));
}

export function renderStep({ label, state, message, next }: Step, view: View): string {
  const [sign, tone] = signs[state];
  const told = linesBeside(`${label}: ${message}`, 2, view).map(
    (line, index) => `${index === 0 ? `${paint(sign, tone, view)} ` : '  '}${line}\n`,
  );
  const todo = next === null ? [] : linesBeside(next, 2, view);
  return [...told, ...todo.map((line) => `  ${paint(line, 'quiet', view)}\n`)].join('');
}
