import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../main/model/settings.ts';
import {
  byDay,
  dayName,
  muteWords,
  noticesSentence,
  readNoticeSettings,
  silenceWords,
  withNotice,
} from '../../../renderer/state/notices.ts';
import type { NoticeView } from '../../../renderer/state/notices.ts';
import { someNotice } from '../../fakes/fake-notice-calls.ts';

const notice = (change: Partial<NoticeView> = {}): NoticeView => ({
  ...someNotice(),
  actions: [],
  ...change,
});
const noon = new Date(2026, 5, 3, 12).getTime();
const hour = 3_600_000;

describe('notices on their page', () => {
  it('are the newest state of each, 500 at most, the newest last', () => {
    let all: ReadonlyMap<number, NoticeView> = new Map();
    for (let id = 1; id <= 510; id += 1) all = withNotice(all, notice({ id }));
    all = withNotice(all, notice({ id: 400, title: 'other' }));
    expect([all.size, [...all.keys()][0], [...all.keys()].at(-1)]).toEqual([500, 11, 510]);
    expect(all.get(400)?.title).toBe('other');
  });

  it('stand by the days of this place, the newest first', () => {
    const days = byDay([
      notice({ id: 1, at: noon - 40 * hour }),
      notice({ id: 2, at: noon - 13 * hour }),
      notice({ id: 3, at: noon - 11 * hour }),
      notice({ id: 4, at: noon }),
    ]);
    expect(days.map(({ notices }) => notices.map(({ id }) => id))).toEqual([[4, 3], [2], [1]]);
    expect(days.slice(0, 2).map(({ day }) => dayName(day, noon))).toEqual(['Today', 'Yesterday']);
    expect(dayName(days[2]?.day ?? 0, noon)).toMatch(/2026/);
  });

  it('are told in one sentence: what goes on, and what nobody has read', () => {
    expect(noticesSentence([])).toBe('Nothing needs you.');
    expect(noticesSentence([notice({ readAt: 1 })])).toBe('1 matter goes on, nothing is unread.');
    expect(noticesSentence([notice({ endedAt: 1 }), notice({ endedAt: 1, silent: 'off' })])).toBe(
      'Nothing goes on, 1 unread.',
    );
  });

  it('say why they were not shown, and what is muted for how long', () => {
    expect(silenceWords({ silent: null })).toBeNull();
    expect(silenceWords({ silent: 'quiet-hours' })).toBe('Not shown: quiet hours');
    expect(muteWords({ kind: 'all', until: noon + 59.5 * 60_000 }, noon)).toBe(
      'Everything: muted for 1 h more',
    );
    expect(muteWords({ kind: 'gpu', until: noon + 1 }, noon)).toBe('Graphics cards: muted for 1 min more');
  });

  it('have settings, or are of another version', () => {
    expect(readNoticeSettings({ ...defaultSettings })).toEqual(defaultSettings.notices);
    expect(readNoticeSettings({ notices: { kinds: 7 } })).toBeNull();
  });
});
