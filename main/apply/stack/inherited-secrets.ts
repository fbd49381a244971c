// Secrets of a lab that had another name: data that it has left cannot be read without them.
import type { RenderedStack } from '../../model/stack/stack.ts';
import type { Secrets } from '../../ports.ts';
import type { StackJournal } from '../../stack-ports.ts';
import { stackSecret } from './context.ts';

interface Keeping {
  readonly stack: Pick<RenderedStack, 'lab' | 'data'>;
  readonly journal: Pick<StackJournal, 'labs'>;
  readonly secrets: Pick<Secrets, 'get'>;
}

/** Labs of any name that have worked with this data last, the newest first. */
export function labsOf(data: string, { journal }: Pick<Keeping, 'journal'>): readonly string[] {
  return journal
    .labs()
    .filter((one) => one.data === data)
    .map(({ lab }) => lab)
    .toReversed();
}

/** A secret of the stack, or that of a lab whose data it goes on with; `null`: none of them has it. */
export function keptSecret(name: string, keeping: Keeping): string | null {
  const { stack, secrets } = keeping;
  for (const lab of new Set([stack.lab, ...labsOf(stack.data, keeping)])) {
    const value = secrets.get(stackSecret(lab, name));
    if (value !== null) return value;
  }
  return null;
}
