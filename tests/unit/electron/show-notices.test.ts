// Notices as banners: one for each matter, quiet ones only where one is shown already, and what buttons do.
import { describe, expect, it } from 'vitest';
import { notifyBody } from '../../../electron/notifier-bus.ts';
import type { Banner } from '../../../electron/notifier.ts';
import { bannerOf, createNoticeDesk } from '../../../electron/show-notices.ts';
import type { NoticeDoor } from '../../../electron/show-notices.ts';
import { AutoGitError } from '../../../main/errors.ts';
import type { Notice } from '../../../main/model/notice.ts';

const notice: Notice = {
  ...{ id: 7, kind: 'job-spike', subject: 'demo', severity: 'warning', silent: null },
  ...{ title: '12 jobs wait', body: 'Mostly in demo.', at: 1, updatedAt: 1, endedAt: null, readAt: null },
  actions: [
    { action: 'open', label: 'Open', route: '/jobs' },
    { action: 'add-runner', label: 'Add a runner', route: null },
    { action: 'mute', label: 'Mute for 1 h', route: null },
  ],
};

function setUp(act: () => ReturnType<NoticeDoor['call']>) {
  const done: unknown[] = [];
  const door: NoticeDoor = {
    call: async (name, input) => {
      done.push([name, input]);
      return act();
    },
  };
  const notifier = {
    show: async ({ key, body, isSilent, actions }: Banner) => {
      done.push(['show', key, body, isSilent, actions.length]);
      return true;
    },
    close: async (key: string) => void done.push(['close', key]),
  };
  const desk = createNoticeDesk({ door, notifier, open: (route) => done.push(['open', route]) });
  return { desk, done };
}
const fine = () => setUp(async () => ({ route: '/jobs', message: 'Pool demo may have 5 runners now.' }));
const show = { change: 'show', notice, isSilent: false } as const;
const key = 'notice-7';

describe('news', () => {
  it('is shown, changed in place and taken away under one key', async () => {
    const { desk, done } = fine();
    await desk.take(show);
    await desk.take({ change: 'update', notice: { ...notice, body: 'And more.' }, isSilent: true });
    await desk.take({ change: 'close', notice, isSilent: true });
    expect(done).toEqual([
      ['show', key, 'Mostly in demo.', false, 3],
      ['show', key, 'And more.', true, 3],
      ['close', key],
    ]);
  });

  it('that is to disturb nobody shows nothing that was not there', async () => {
    const { desk, done } = fine();
    await desk.take({ ...show, isSilent: true });
    expect(done).toEqual([]);
  });

  it('goes away once it was read elsewhere', async () => {
    const { desk, done } = fine();
    await desk.take(show);
    await desk.take({ change: 'update', notice: { ...notice, readAt: 2 }, isSilent: true });
    expect(done.at(-1)).toEqual(['close', key]);
  });

  it('waits behind a locked screen, and only what still holds comes after it', async () => {
    const { desk, done } = fine();
    await desk.lock(true);
    await desk.take(show);
    await desk.take({ ...show, notice: { ...notice, id: 8 } });
    await desk.take({ change: 'close', notice: { ...notice, id: 8 }, isSilent: true });
    await desk.lock(false);
    expect(done).toEqual([
      ['close', 'notice-8'],
      ['show', key, 'Mostly in demo.', false, 3],
    ]);
  });
});

describe('a button', () => {
  it('opens the page', async () => {
    const { desk, done } = fine();
    await desk.take(show);
    expect(await desk.press(key, 'open')).toBe(true);
    expect(done.slice(1)).toEqual([
      ['notice.act', { id: 7, action: 'open' }],
      ['open', '/jobs'],
      ['close', key],
    ]);
  });

  it('opens the page also while the core does not answer', async () => {
    const { desk, done } = setUp(() => Promise.reject(new Error('gone')));
    await desk.take(show);
    await desk.press(key, 'open');
    expect(done.at(-1)).toEqual(['open', '/jobs']);
  });

  it('adds a runner and says what came of it', async () => {
    const { desk, done } = fine();
    await desk.take(show);
    await desk.press(key, 'add-runner');
    expect(done.at(-1)).toEqual(['show', key, 'Pool demo may have 5 runners now.', true, 0]);
  });

  it('says why it did nothing, in the same place', async () => {
    const refusal = new AutoGitError({ key: 'x.y', message: 'The pool is gone.', next: 'Nothing.' });
    const { desk, done } = setUp(() => Promise.reject(refusal));
    await desk.take(show);
    await desk.press(key, 'mute');
    expect(done.at(-1)).toEqual(['show', key, 'The pool is gone.', true, 0]);
  });

  it.each([
    ['notice-8', 'open'],
    [key, 'remove-everything'],
  ])('that nobody offered does nothing: %s %s', async (of, action) => {
    const { desk, done } = fine();
    await desk.take(show);
    expect(await desk.press(of, action)).toBe(false);
    expect(done).toHaveLength(1);
  });
});

describe('what the desktop is sent', () => {
  const hostile = bannerOf(
    { ...notice, title: '<b>x</b>\n\u202e\u0000', body: `<img src=x> & "y" ${'z'.repeat(100_000)}` },
    false,
  );

  it('is text, and short, whatever strangers write', () => {
    const on = { icon: '/i.png', hasMarkup: true, hasActions: true };
    const [, , , title, body] = notifyBody(hostile, 0, on);
    expect(title).toBe('<b>x</b>');
    expect(body).toMatch(/^&lt;img src=x&gt; &amp; "y" z+…$/);
    expect(notifyBody(hostile, 0, { ...on, hasMarkup: false })[4]).toMatch(/^‹img src=x› & "y" z+…$/);
    expect(JSON.stringify(body).length).toBeLessThan(400);
  });

  it('has a click of its own, and buttons only where they can be pressed', () => {
    const on = { icon: '/i.png', hasMarkup: true, hasActions: true };
    expect(notifyBody(hostile, 3, on)[5]).toEqual([
      ...['default', 'Open', 'open', 'Open', 'add-runner', 'Add a runner', 'mute', 'Mute for 1 h'],
    ]);
    expect(notifyBody(hostile, 3, { ...on, hasActions: false })[5]).toEqual([]);
    expect(notifyBody(hostile, 3, on)[1]).toBe(3);
  });

  it('is never graver than normal: that would go past do-not-disturb', () => {
    const urgency = (severity: Notice['severity']): unknown =>
      bannerOf({ ...notice, severity }, false).urgency;
    expect([urgency('error'), urgency('warning'), urgency('info')]).toEqual(['normal', 'normal', 'low']);
  });
});
