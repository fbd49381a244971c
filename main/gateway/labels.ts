// The labels of what a runner makes: its own beside ours, signed with the gateway's key.
import type { Grant } from '../model/grant.ts';
import { label, signedText } from '../model/labels.ts';
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
    ...(gpu === null ? {} : { [label.gpu]: gpu }),
  };
  const signature = known.sign(signedText(name, own));
  return { fields: { ...Object.fromEntries(pairs), ...own, [label.signature]: signature } };
}

/** Whether an object of that name was made by this gateway; `runner` is whose it is. */
export function ownerOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  { instance, sign }: Pick<Known, 'instance' | 'sign'>,
): string | null {
  const runner = labels[label.runner];
  const isSealed =
    labels[label.role] === 'job' &&
    labels[label.instance] === instance &&
    labels[label.signature] === sign(signedText(name, labels));
  return isSealed && runner !== undefined ? runner : null;
}
