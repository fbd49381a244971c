// Puts together what all parts of the server are given.
import type { SandboxContext } from './context.ts';
import { createEvents } from './events.ts';
import type { CompilePipeline } from './pipelines/create.ts';
import { createPipelineOperations } from './pipelines/operations.ts';
import type { SandboxStore } from './store.ts';

/** What a context is made of. */
export interface ContextParts {
  readonly store: SandboxStore;
  readonly compile: CompilePipeline;
  readonly now: () => Date;
  readonly longPollSeconds: number;
  readonly openId?: SandboxContext['openId'] | undefined;
  readonly log: SandboxContext['log'];
}

export function createContext({
  store,
  compile,
  now,
  longPollSeconds,
  openId,
  log,
}: ContextParts): SandboxContext {
  const events = createEvents();
  const ci = createPipelineOperations({ store, events, now, compile });
  return { store, now, events, ci, longPollSeconds, externalUrl, log, ...(openId && { openId }) };
}

/** Containers and the host know this server by different names, so each is answered with the one it used. */
function externalUrl(request: Request): string {
  const url = new URL(request.url);
  const host = request.headers.get('host') ?? url.host;
  const forwarded = request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim();
  const protocol = forwarded === 'http' || forwarded === 'https' ? forwarded : url.protocol.replace(':', '');
  return `${protocol}://${host}`;
}
