// The queue between a program and who reads it.
import { expect, it } from 'vitest';
import { createChannel } from '../../../../main/adapters/backup/channel.ts';

it('gives everything in order, and holds up who puts more than is taken', async () => {
  const channel = createChannel<number>();
  let put = 0;
  const putting = (async () => {
    for (; put < 5_000; put += 1) await channel.put(put);
    channel.close();
  })();
  const taken: number[] = [];
  for await (const item of channel.take()) {
    taken.push(item);
    expect(put - taken.length).toBeLessThan(2_001);
  }
  await putting;
  expect(taken).toEqual(Array.from({ length: 5_000 }, (_, index) => index));
});

it('ends with the error of who puts, after all that came before', async () => {
  const channel = createChannel<string>();
  void channel.put('one');
  channel.fail(new Error('broken'));
  const taken: string[] = [];
  const taking = (async () => {
    for await (const item of channel.take()) taken.push(item);
  })();
  await expect(taking).rejects.toThrow('broken');
  expect(taken).toEqual(['one']);
});
