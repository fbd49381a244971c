// The window's desk before it is read: it is read once, with the first question.
import { expect, it } from 'vitest';
import type { Desk } from '../../../electron/desk.ts';
import { lateDesk } from '../../../electron/late-desk.ts';

function desk(): { readonly desk: Desk; readonly done: string[] } {
  const done: string[] = [];
  const late = lateDesk(async () => {
    done.push('read');
    return {
      call: async () => ({ ok: true, value: 'called' }),
      open: async () => ({ ok: true, value: 'stream-1' }),
      next: async () => ({ ok: true, value: { done: true, items: [] } }),
      close: async () => ({ ok: true, value: null }),
      clear: () => void done.push('cleared'),
    };
  });
  return { desk: late, done };
}

it('is read once, with the first question', async () => {
  const { desk: late, done } = desk();
  expect(done).toEqual([]);
  const [called] = await Promise.all([late.call('status.show', {}), late.open('events', {})]);
  expect(called).toEqual({ ok: true, value: 'called' });
  expect(await late.next('stream-1')).toEqual({ ok: true, value: { done: true, items: [] } });
  expect(done).toEqual(['read']);
});

it('has nothing to clear before, and clears what was asked after', async () => {
  const { desk: late, done } = desk();
  late.clear();
  await late.call('status.show', {});
  late.clear();
  await expect.poll(() => done).toEqual(['read', 'cleared']);
});
