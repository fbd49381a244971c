// Sends one webhook and records what came of it, as GitLab's WebHookService does.
import { randomUUID } from 'node:crypto';
import type { SandboxContext } from '../context.ts';
import type { Hook, HookDelivery } from '../state.ts';
import { gitlabVersion } from '../version.ts';
import { refuseUrl } from './local-address.ts';

export const HOOK_TIMEOUT_MS = 10_000;

// Of GitLab's app/services/web_hook_service.rb: what is kept of an answer.
const BODY_LIMIT = 8192;
const HEADERS_LIMIT = 50;

/** Deliveries kept of each hook. */
const KEPT_DELIVERIES = 50;

/** What one hook is to be told. */
export interface HookMessage {
  readonly hook: Hook;
  /** `job_hooks`; its spoken form, `Job Hook`, is `X-Gitlab-Event`. */
  readonly event: HookEvent;
  readonly payload: unknown;
  /** Shared by all hooks of one event. */
  readonly eventUuid: string;
  readonly baseUrl: string;
}

export type HookEvent = 'job_hooks' | 'pipeline_hooks' | 'push_hooks' | 'tag_push_hooks' | 'system_hooks';

const EVENT_NAMES: Readonly<Record<HookEvent, string>> = {
  job_hooks: 'Job Hook',
  pipeline_hooks: 'Pipeline Hook',
  push_hooks: 'Push Hook',
  tag_push_hooks: 'Tag Push Hook',
  system_hooks: 'System Hook',
};

interface Outcome {
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Delivers once; a failure is recorded and not raised. Nothing is sent twice. `null`: the hook is gone. */
export async function deliverHook(ctx: SandboxContext, message: HookMessage): Promise<HookDelivery | null> {
  const { hook } = message;
  if (!ctx.store.hooks.has(hook.id)) return null;
  const headers = renderHeaders(ctx, message);
  const body = JSON.stringify(message.payload);
  const started = performance.now();
  const outcome = await attempt(ctx, hook, headers, body);
  if (!ctx.store.hooks.has(hook.id)) return null;
  const delivery = ctx.store.hookDeliveries.insert({
    hookId: hook.id,
    event: message.event,
    url: hook.url,
    requestHeaders: {
      ...headers,
      ...('X-Gitlab-Token' in headers ? { 'X-Gitlab-Token': '[REDACTED]' } : {}),
    },
    requestBody: body,
    responseStatus: outcome.status,
    responseHeaders: outcome.headers,
    responseBody: outcome.body,
    executionDuration: (performance.now() - started) / 1000,
    createdAt: ctx.now().toISOString(),
  });
  for (const old of ctx.store.hookDeliveries.by('hookId', hook.id).slice(0, -KEPT_DELIVERIES)) {
    ctx.store.hookDeliveries.remove(old.id);
  }
  return delivery;
}

function renderHeaders(ctx: SandboxContext, message: HookMessage): Record<string, string> {
  const idempotencyKey = randomUUID();
  return {
    'Content-Type': 'application/json',
    'User-Agent': `GitLab/${gitlabVersion.text}`,
    'Idempotency-Key': idempotencyKey,
    'X-Gitlab-Event': EVENT_NAMES[message.event],
    'X-Gitlab-Webhook-UUID': randomUUID(),
    'X-Gitlab-Instance': message.baseUrl,
    'X-Gitlab-Event-UUID': message.eventUuid,
    'webhook-id': idempotencyKey,
    'webhook-timestamp': String(Math.floor(ctx.now().getTime() / 1000)),
    ...(message.hook.token === '' ? {} : { 'X-Gitlab-Token': message.hook.token }),
  };
}

async function attempt(
  ctx: SandboxContext,
  hook: Hook,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Outcome> {
  const failed = (message: string): Outcome => ({ status: 'internal error', headers: {}, body: message });
  const refusal = await refuseUrl(hook.url, urlRule(ctx, hook));
  if (refusal !== null) return failed(`URL is blocked: ${refusal}`);
  try {
    const url = new URL(hook.url);
    const basic = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`);
    const withAuth = url.username === '' ? {} : { Authorization: `Basic ${basic.toString('base64')}` };
    url.username = '';
    url.password = '';
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, ...withAuth },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(HOOK_TIMEOUT_MS),
    });
    return {
      status: String(response.status),
      headers: Object.fromEntries([...response.headers].slice(0, HEADERS_LIMIT)),
      body: await readBeginning(response),
    };
  } catch (error) {
    return failed(error instanceof Error ? describe(error) : String(error));
  }
}

/** The first bytes of an answer; the rest is not waited for, however long it is. */
async function readBeginning(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  const body: ReadableStream<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= BODY_LIMIT) break;
  }
  return text.slice(0, BODY_LIMIT);
}

function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** System hooks may reach the local network by default, project hooks may not. */
export function urlRule(ctx: SandboxContext, hook: Pick<Hook, 'projectId'>) {
  const settings = ctx.store.settings();
  return {
    allowLocal:
      hook.projectId === null
        ? settings.allowLocalRequestsFromSystemHooks
        : settings.allowLocalRequestsFromWebHooksAndServices,
    allowList: settings.outboundLocalRequestsWhitelist,
  };
}
