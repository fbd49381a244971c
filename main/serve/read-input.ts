// The input of a request, from the address or from a JSON body, checked against the contract.
import type { z } from 'zod';
import { contract } from '../contract/contract.ts';
import type { ParsedInput, RequestName } from '../contract/contract.ts';
import { fieldsOf, inputError, readField } from '../contract/fields.ts';
import type { FieldLabel, RequestField } from '../contract/fields.ts';
import { AutoGitError } from '../errors.ts';

/** The contract in the form in which the compiler follows one name from input to parsed input. */
const inputs: { readonly [N in RequestName]: { readonly input: z.ZodType<ParsedInput<N>> } } = contract;

/** What an address says, typed as far as its fields allow. A field that is given twice stays a list and is refused. */
export function fromQuery(fields: readonly RequestField[], query: URLSearchParams): Record<string, unknown> {
  const entries = [...new Set(query.keys())].map((name) => {
    const texts = query.getAll(name);
    const field = fields.find((candidate) => candidate.name === name);
    const [text] = texts;
    const single = texts.length === 1 && text !== undefined;
    return [name, single && field !== undefined ? readField(field, text) : texts] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * Largest body of a request, in bytes: a certificate and a key that are pasted, each as long as the judge reads, have to get
 * as far as the judge, whatever JSON makes of their line ends.
 */
const bodyBytes = 4 * 1_048_576;

/** The text of a body, whether its length was told before or not. Rejects with `http.body-too-large`. */
export async function readBody(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > bodyBytes) {
      throw new AutoGitError({
        key: 'http.body-too-large',
        message: 'The body of the request is larger than 4 MiB.',
        next: 'Send less. A certificate and its key are some kilobytes; larger files are read where they lie, by their paths.',
        fields: { limitBytes: bodyBytes },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What a body says. Raises `http.body-not-json`. An empty body is an empty input. */
export function fromBody(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    throw new AutoGitError({
      key: 'http.body-not-json',
      message: 'The body of the request is not JSON.',
      next: 'Send the input as a JSON object, or no body at all.',
    });
  }
}

/** The checked input of a request. Raises `usage.*`. */
export function parseInput<N extends RequestName>(
  name: N,
  given: unknown,
  label?: FieldLabel,
): ParsedInput<N> {
  const parsed = inputs[name].input.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new AutoGitError(inputError(fieldsOf(contract[name].input), given, parsed.error.issues, label));
}
