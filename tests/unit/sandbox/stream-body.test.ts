// Answers whose clients hang up.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { streamBody } from '../../../main/sandbox/stream-body.ts';

describe('a stream as the body of an answer', () => {
  it('brings all bytes', async () => {
    const stream = new PassThrough();
    stream.write('one ');
    stream.end('two');
    expect(await new Response(streamBody(stream)).text()).toBe('one two');
  });

  it('ends the stream when the client hangs up, and what comes then hurts nobody', async () => {
    const stream = new PassThrough();
    const body = streamBody(stream).getReader();
    stream.write('one');
    expect(Buffer.from((await body.read()).value ?? []).toString()).toBe('one');
    await body.cancel('hung up');
    expect(stream.destroyed).toBe(true);
    expect(() => stream.emit('data', Buffer.from('late'))).not.toThrow();
  });

  it('fails with the stream', async () => {
    const stream = new PassThrough();
    const body = new Response(streamBody(stream)).text();
    stream.destroy(new Error('the disk is gone'));
    await expect(body).rejects.toThrow('the disk is gone');
  });
});
