// The answers of the first set-up as text.
import { stringify } from 'yaml';
import type { Output } from '../../contract/contract.ts';
import { clean, paint } from './text.ts';
import type { View } from './text.ts';

const ways = {
  try: 'try it',
  install: 'install GitLab here',
  connect: 'use a GitLab that is there',
  restore: 'restore from a backup',
} as const;

/** `autogit setup show`: what was decided so far, and the answers as a file of them could have them. */
export function renderSetup({ draft, keptAt }: Output<'setup.show'>, view: View): string {
  if (draft === null) return 'Nobody has begun the set-up, or its answers were forgotten.\n';
  const { way, step, connect, answers } = draft;
  const when = keptAt === null ? '' : `, kept ${new Date(keptAt).toISOString()}`;
  const url = way === 'connect' && connect.url !== '' ? `GitLab: ${clean(connect.url)}\n` : '';
  const given = Object.keys(answers).length === 0 ? '' : stringify(answers).split('\n').map(clean).join('\n');
  return `${way === null ? 'Nothing is decided yet' : `Decided: ${ways[way]}`}; at the step "${step}"${paint(when, 'quiet', view)}.\n${url}${given}`;
}
