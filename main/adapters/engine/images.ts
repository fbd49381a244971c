// The engine's images: list, import, pull, remove.
import { Transform, pipeline } from 'node:stream';
import { z } from 'zod';
import type { Engine, PullProgress } from '../../ports.ts';
import { labelFilter, parseAnswer, readDocuments } from './answers.ts';
import { connectionError, isGone, refusalError, silenceError, strangeAnswer } from './errors.ts';
import { shortReference, splitReference } from './references.ts';
import { type EngineRequest, type Transport, idleLimit } from './transport.ts';

type ImageCalls = Pick<Engine, 'listImages' | 'hasImage' | 'importImage' | 'pullImage' | 'removeImage'>;

const listedImage = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
});

/** One line of the answer to an import or a pull. */
const progressLine = z.object({
  status: z.string().nullish(),
  id: z.string().nullish(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().nullish(),
});
export type ProgressLine = z.infer<typeof progressLine>;

export interface Patience {
  /** Fires when it was not touched for too long. */
  readonly signal: AbortSignal;
  touch(): void;
  end(): void;
}

function createPatience(): Patience {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), idleLimit);
  return {
    signal: silence.signal,
    touch: () => {
      if (!silence.signal.aborted) timer.refresh();
    },
    end: () => clearTimeout(timer),
  };
}

/** A long call: no total limit, but an end to silence, and errors that arrive in the middle of the answer. */
export async function follow(
  transport: Transport,
  request: EngineRequest,
  patience: Patience,
  onLine: (line: ProgressLine) => unknown,
): Promise<void> {
  const { purpose } = request;
  try {
    const response = await transport.open(request, patience.signal);
    for await (const line of readDocuments(progressLine, response, purpose)) {
      patience.touch();
      if (line.error) throw refusalError({ status: 200, words: line.error }, purpose);
      onLine(line);
    }
  } catch (error) {
    if (patience.signal.aborted) throw silenceError(transport.host, purpose, idleLimit / 1000);
    throw connectionError(transport.host, error);
  } finally {
    patience.end();
  }
}

/** Words that need no quotes go without: Podman's reader of changes is simpler than Docker's. */
function quote(value: string): string {
  return /^[\w./:@+=,-]+$/.test(value) ? value : `"${value.replace(/["\\$]/g, '\\$&')}"`;
}

function renderChanges(word: 'ENV' | 'LABEL', pairs: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(pairs).map(([key, value]) => `${word} ${key}=${quote(value)}`);
}

/** Adds up the layers of a pull. */
function createProgress(onProgress: (progress: PullProgress) => void): (line: ProgressLine) => void {
  const layers = new Map<string, { readonly current: number; readonly total: number }>();
  return ({ id, status, progressDetail }) => {
    const { current, total } = progressDetail ?? {};
    // Extracting counts the same bytes once more.
    if (status === 'Downloading' && id && total !== undefined)
      layers.set(id, { current: current ?? 0, total });
    const layer = id ? layers.get(id) : undefined;
    if (status === 'Download complete' && id && layer) layers.set(id, { ...layer, current: layer.total });
    const sum = (pick: (layer: { current: number; total: number }) => number): number =>
      [...layers.values()].reduce((all, each) => all + pick(each), 0);
    onProgress({
      current: sum((each) => each.current),
      total: sum((each) => each.total),
      status: status ?? '',
    });
  };
}

function pathOf(reference: string): string {
  return `/images/${encodeURIComponent(reference)}`;
}

/** Imports without a name; the new image's id. */
async function importNameless(
  transport: Transport,
  purpose: string,
  rootfs: NodeJS.ReadableStream,
  changes: readonly string[],
): Promise<string> {
  const patience = createPatience();
  const meter = new Transform({
    transform(chunk, _encoding, done) {
      patience.touch();
      done(null, chunk);
    },
  });
  const source: { error: Error | null } = { error: null };
  pipeline(rootfs, meter, (error) => {
    source.error = error ?? null;
  });
  const query = { fromSrc: '-', changes };
  const request = { purpose, method: 'POST', path: '/images/create', query, tar: meter } as const;
  const statuses: string[] = [];
  try {
    await follow(transport, request, patience, ({ status }) => statuses.push(status ?? ''));
  } catch (error) {
    meter.destroy();
    // A source that cannot be read is not the engine's fault.
    throw source.error ?? error;
  }
  const id = statuses.findLast((status) => /^sha256:[0-9a-f]+$/.test(status));
  if (id === undefined) throw strangeAnswer(purpose, new Error('it named no image'));
  return id;
}

/**
 * The name comes last: when a tar breaks off, Podman 4.3 makes an image of the part that has arrived, and under its
 * name that part would pass for the whole.
 */
async function importImage(
  transport: Transport,
  ...[reference, rootfs, { env, labels }]: Parameters<Engine['importImage']>
): Promise<void> {
  const purpose = `import the image ${reference}`;
  const changes = [...renderChanges('ENV', env), ...renderChanges('LABEL', labels)];
  const id = await importNameless(transport, purpose, rootfs, changes);
  const { name, tag } = splitReference(reference);
  await transport.ask({ purpose, method: 'POST', path: `${pathOf(id)}/tag`, query: { repo: name, tag } });
}

/** The image calls of the port. */
export function imageCalls(transport: Transport): ImageCalls {
  return {
    async listImages(labels) {
      const purpose = 'list images';
      const query = { filters: labelFilter(labels) };
      const answer = await transport.ask({ purpose, method: 'GET', path: '/images/json', query });
      return parseAnswer(z.array(listedImage), answer, purpose).flatMap(({ Id, RepoTags, Labels }) => {
        const tags = (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>').map(shortReference);
        return (tags.length === 0 ? [Id] : tags).map((name) => ({ name, labels: Labels ?? {} }));
      });
    },
    async hasImage(reference) {
      const purpose = `describe the image ${reference}`;
      const request = { purpose, method: 'GET', path: `${pathOf(reference)}/json` } as const;
      return (await transport.ask(request, { fine: isGone })).status < 400;
    },
    importImage: (...parameters) => importImage(transport, ...parameters),
    async pullImage(reference, onProgress, platform) {
      const { name, tag } = splitReference(reference);
      const purpose = `pull the image ${reference}`;
      const query = { fromImage: name, tag, ...(platform === undefined ? {} : { platform }) };
      const request = { purpose, method: 'POST', path: '/images/create', query } as const;
      await follow(transport, request, createPatience(), createProgress(onProgress));
    },
    async removeImage(reference) {
      const purpose = `remove the image ${reference}`;
      await transport.ask({ purpose, method: 'DELETE', path: pathOf(reference) }, { fine: isGone });
    },
  };
}
