// The labels of what a runner makes: its own beside ours, signed with the gateway's key.
import type { Grant } from '../model/grant.ts';
import { isSigned, label, labelOf, signLabels } from '../model/labels.ts';
import { isObject, refuse } from './fields.ts';
import type { Json, Taken } from './fields.ts';
import type { Known } from './known.ts';

/** Labels that begin so are AutoGit's alone, in whatever case. */
const ours = /^autogit\./i;

/** `gpu`: the label of the cards that it has. */
export function takeLabels(
  asked: Json,
  name: string,
  grant: Grant,
  known: Known,
  gpu: string | null = null,
): Taken {
  const pairs = isObject(asked) ? Object.entries(asked) : [];
  const forged = pairs.find(([key]) => ours.test(key));
  if (forged !== undefined) return refuse('gateway.label', `the label ${forged[0]} is AutoGit's own`);
  const own = {
    [label.managed]: 'true',
    [label.instance]: known.instance,
    [label.role]: 'job',
    [label.pool]: grant.pool,
    [label.runner]: known.runner,
    [label.gpu]: gpu ?? '',
  };
  return { fields: { ...Object.fromEntries(pairs), ...signLabels(name, own, known.sign) } };
}

/** Whether an object of that name was made by this gateway; `runner` is whose it is. */
export function ownerOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  { instance, sign }: Pick<Known, 'instance' | 'sign'>,
): string | null {
  const isJobs = labelOf(labels, 'role') === 'job' && isSigned(name, labels, instance, sign);
  return isJobs ? (labelOf(labels, 'runner') ?? null) : null;
}
