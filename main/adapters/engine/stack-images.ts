// The images of a stack at the engine: whether they are there, and pulling them with every layer's progress.
import { z } from 'zod';
import { AutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { PullState } from '../../model/stack/stack.ts';
import type { StackImages } from '../../stack-ports.ts';
import { parseAnswer } from './answers.ts';
import type { Surroundings } from './contexts.ts';
import { follow, imageCalls } from './images.ts';
import type { Patience, ProgressLine } from './images.ts';
import { endpointOf } from './places.ts';
import { splitReference } from './references.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';

/** Milliseconds without a word while layers come. */
const stallMs = 60_000;
/** How many times as long the engine may be silent while it checks and unpacks layers of gigabytes. */
const settling = 5;
/** Engines tell of every block of every layer; nobody reads faster than this. Milliseconds. */
const tellEveryMs = 100;

export interface StackImagesOptions {
  /** Address of the engine, asked anew for each call. */
  readonly engine: () => string;
  readonly surroundings: Surroundings;
  readonly log: Log;
  readonly stallMs?: number;
}

/** Connects only when it is asked. */
export function createStackImages(options: StackImagesOptions): StackImages {
  const { engine, surroundings, log } = options;
  const connect = (): Transport => {
    const host = engine();
    return createTransport(host, log.topic('engine'), () => endpointOf(host, surroundings));
  };
  return {
    has: (reference) => imageCalls(connect()).hasImage(reference),
    labels: (reference) => labelsOf(connect(), reference),
    pull: (reference, onProgress, signal) =>
      pull(connect(), { reference, onProgress, signal, limit: options.stallMs ?? stallMs }),
  };
}

const described = z.object({
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

async function labelsOf(transport: Transport, reference: string): Promise<Readonly<Record<string, string>>> {
  const purpose = `describe the image ${reference}`;
  const path = `/images/${encodeURIComponent(reference)}/json`;
  const answer = await transport.ask({ purpose, method: 'GET', path });
  return parseAnswer(described, answer, purpose).Config?.Labels ?? {};
}

interface Pull {
  readonly reference: string;
  readonly onProgress: (state: PullState) => void;
  readonly signal: AbortSignal;
  readonly limit: number;
}

async function pull(transport: Transport, { reference, onProgress, signal, limit }: Pull): Promise<void> {
  signal.throwIfAborted();
  const { name, tag } = splitReference(reference);
  const fromImage = tag.includes(':') ? splitReference(name).name : name;
  const purpose = `pull the image ${reference}`;
  const query = { fromImage, tag };
  const request = { purpose, method: 'POST', path: '/images/create', query } as const;
  const layers = createLayers(reference);
  const tell = createTeller(onProgress);
  const silence = createStallWatch(limit, layers.isAtWork);
  const patience: Patience = { ...silence, signal: AbortSignal.any([silence.signal, signal]) };
  try {
    await follow(transport, request, patience, (line) => {
      layers.take(line);
      silence.touch();
      tell.now(() => layers.state(false));
    });
  } catch (error) {
    signal.throwIfAborted();
    throw silence.signal.aborted ? stalled(reference, Math.round(limit / 1000)) : error;
  } finally {
    tell.end();
  }
  onProgress(layers.state(true));
}

/** Silence may be longer while the engine works on what has come. */
function createStallWatch(limit: number, isWorking: () => boolean): Patience {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const touch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => over.abort(), isWorking() ? limit * settling : limit);
  };
  touch();
  return { signal: over.signal, touch, end: () => clearTimeout(timer) };
}

type Layer = PullState['layers'][number];

interface Layers {
  take(line: ProgressLine): void;
  /** Whether the engine checks or unpacks something. */
  isAtWork(): boolean;
  state(done: boolean): PullState;
}

/** Of a layer; the image's own lines have its tag there. */
const layerId = /^[0-9a-f]{12,64}$/;
const atWork = /^(?:verifying checksum|extracting)/i;
/** What begins when a layer has come. */
const hasCome = /^(?:verifying checksum|download complete|extracting|pull complete|already exists)/i;

function createLayers(reference: string): Layers {
  const layers = new Map<string, Layer & { readonly bytes: number; readonly come: number }>();
  return {
    take: ({ id, status, progressDetail }) => {
      if (!id || !status || !layerId.test(id) || status.startsWith('Pulling from')) return;
      const before = layers.get(id) ?? { bytes: 0, come: 0 };
      const { current = 0, total = 0 } = progressDetail ?? {};
      // Unpacking counts the same bytes once more.
      const isDownload = /^downloading/i.test(status);
      const bytes = isDownload && total > 0 ? total : before.bytes;
      const come = hasCome.test(status) ? bytes : isDownload ? current : before.come;
      const shown = total > 0 ? { current, total } : { current: come, total: bytes };
      layers.set(id, { id, status, ...shown, bytes, come });
    },
    isAtWork: () => [...layers.values()].some(({ status }) => atWork.test(status)),
    state: (done) => {
      const all = [...layers.values()];
      return {
        reference,
        layers: all.map(({ id, status, current, total }) => ({ id, status, current, total })),
        current: all.reduce((sum, { come }) => sum + come, 0),
        total: all.reduce((sum, { bytes }) => sum + bytes, 0),
        done,
      };
    },
  };
}

/** The newest state, at most so often. */
function createTeller(onProgress: (state: PullState) => void): {
  now(state: () => PullState): void;
  end(): void;
} {
  let timer: NodeJS.Timeout | null = null;
  return {
    now: (state) => {
      timer ??= setTimeout(() => {
        timer = null;
        onProgress(state());
      }, tellEveryMs);
    },
    end: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function stalled(reference: string, seconds: number): AutoGitError {
  return new AutoGitError({
    key: 'engine.pull-stalled',
    message: `Nothing more has come of the image ${reference} for ${seconds} seconds; its pull was ended.`,
    next: 'Check the network and the proxy of the engine, then run it again: layers that have come stay.',
    fields: { reference, seconds },
    retry: true,
  });
}
