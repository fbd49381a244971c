import { describe, expect, it } from 'vitest';
import { renderNoticeChange, renderNotices } from '../../../../main/cli/render/notices.ts';
import type { View } from '../../../../main/cli/render/text.ts';
import { someNotice } from '../../../fakes/fake-notice-calls.ts';

const now = 1_700_000_600_000;
const view: View = { width: 120, colour: false, now };
const notice = { ...someNotice(), actions: [] };

describe('notice list', () => {
  it('has one line for each, with what became of it, and says for how long what is muted', () => {
    const text = renderNotices(
      {
        notices: [
          notice,
          {
            ...notice,
            id: 2,
            title: 'A disk is nearly full',
            kind: 'disk',
            endedAt: now,
            readAt: now,
            silent: 'off',
          },
        ],
        mutes: [{ kind: 'gpu', until: now + 30_500 }],
        unread: 1,
      },
      view,
    );
    expect(text.split('\n').map((line) => line.slice(0, 58).trimEnd())).toEqual([
      'NOTICE                 STATE                       WHEN',
      '28 jobs wait           open                        10 min',
      'A disk is nearly full  over, read, not shown: off  10 min',
      'Those of the kind gpu are muted for 1 min more: autogit no',
      '',
    ]);
  });

  it('says so where nothing has been told', () => {
    expect(renderNotices({ notices: [], mutes: [], unread: 0 }, view)).toBe('Nothing has been told yet.\n');
  });
});

describe('notice watch', () => {
  it('says what is new, what changes and what is over, and lets nothing move the cursor', () => {
    const hostile = { ...notice, title: 'a\u001b[2Jb\u202e' };
    const said = [
      renderNoticeChange({ change: 'show', notice: hostile, isSilent: false }, view),
      renderNoticeChange({ change: 'show', notice, isSilent: true }, view),
      renderNoticeChange({ change: 'close', notice, isSilent: true }, view),
    ].join('');
    expect(said).not.toMatch(/[\u001b\u202e]/);
    expect(said.split('\n').map((line) => line.slice(0, 20))).toEqual([
      'new   ab : Usually 6',
      'new   28 jobs wait: ',
      'over  28 jobs wait: ',
      '',
    ]);
    expect(said).toContain('(not shown)');
  });
});
