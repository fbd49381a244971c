// Reading the engine's answers: JSON documents, and streams of one JSON document a line.
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { type Purpose, strangeAnswer } from './errors.ts';
import type { Answer } from './transport.ts';

/** The JSON of an answer, checked. Throws `engine.refused` when it is something else. */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: Pick<Answer, 'body'>, purpose: Purpose): T {
  try {
    return schema.parse(JSON.parse(answer.body.toString()));
  } catch (error) {
    throw strangeAnswer(purpose, error);
  }
}

async function* readLines(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

/** The documents of a streaming answer; ends with it, and rejects as the stream does when it breaks off. */
export async function* readDocuments<T>(
  schema: z.ZodType<T>,
  response: IncomingMessage,
  purpose: Purpose,
): AsyncGenerator<T> {
  for await (const line of readLines(response)) {
    if (line.trim() !== '') yield parseAnswer(schema, { body: Buffer.from(line) }, purpose);
  }
}

/** The filter that engines understand for "carries every one of these labels". */
export function labelFilter(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify({ label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) });
}
