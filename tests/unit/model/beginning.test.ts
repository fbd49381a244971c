// The beginning of a text that comes in parts.
import { expect, it } from 'vitest';
import { beginningOf } from '../../../main/model/beginning.ts';

async function* parts(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

it('is all of a text that is short enough', async () => {
  expect(await beginningOf(parts(['one ', 'two']), 100)).toBe('one two');
  expect(await beginningOf(parts([]), 100)).toBe('');
});

it('ends where enough was read, without waiting for what comes after it', async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<string> {
    for (;;) {
      asked += 1;
      yield 'part ';
    }
  }
  expect(await beginningOf(endless(), 12)).toBe('part part pa');
  expect(asked).toBe(3);
});
