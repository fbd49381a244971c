// Notices as text: the history as a table, a notice that comes as a line.
import type { Output } from '../../contract/contract.ts';
import { renderTable } from './table.ts';
import { ago, clean, paint } from './text.ts';
import type { Tone, View } from './text.ts';

type NoticeRow = Output<'notice.list'>['notices'][number];

function toneOf({ severity, endedAt }: NoticeRow): Tone {
  if (endedAt !== null) return 'quiet';
  return severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : 'busy';
}

function stateOf({ endedAt, silent, readAt }: NoticeRow): string {
  const state = endedAt === null ? 'open' : 'over';
  const shown = silent === null ? '' : silent === 'off' ? ', not shown: off' : ', not shown: quiet';
  return `${state}${readAt === null ? '' : ', read'}${shown}`;
}

function muteLines({ mutes }: Output<'notice.list'>, view: View): string {
  return mutes
    .map(({ kind, until }) => {
      const left = Math.max(1, Math.ceil((until - view.now) / 60_000));
      const what = kind === 'all' ? 'All are muted' : `Those of the kind ${kind} are muted`;
      return `${what} for ${left} min more: autogit notice mute ${kind} --minutes 0\n`;
    })
    .join('');
}

/** `autogit notice list`: the newest first. */
export function renderNotices(list: Output<'notice.list'>, view: View): string {
  const muted = muteLines(list, view);
  if (list.notices.length === 0) return `Nothing has been told yet.\n${muted}`;
  const table = renderTable<NoticeRow>(
    [
      { title: 'NOTICE', cell: (notice) => ({ text: notice.title, tone: toneOf(notice) }) },
      { title: 'STATE', cell: stateOf },
      { title: 'WHEN', cell: ({ at }) => ago(at, view.now) },
      { title: 'ID', cell: ({ id }) => String(id) },
      { title: 'KIND', cell: ({ kind }) => kind },
      { title: 'WHAT', cell: ({ body }) => body },
    ],
    list.notices,
    view,
  );
  return `${table}${muted}`;
}

/** `autogit notice watch`: one notice a line, as it changes. */
export function renderNoticeChange({ change, notice, isSilent }: Output<'notice.watch'>, view: View): string {
  const word = { show: 'new', update: 'now', close: 'over' }[change];
  const title = paint(clean(notice.title), toneOf(notice), view);
  return `${word.padEnd(4)}  ${title}: ${clean(notice.body)}${isSilent && change === 'show' ? ' (not shown)' : ''}\n`;
}
