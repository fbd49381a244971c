// Answers requests of Node's server: apart from the doors, because reading this reads Node's whole `fetch`.
import { getRequestListener } from '@hono/node-server';
import { createApp } from './app.ts';
import type { AppOptions } from './app.ts';

/** What both doors hand their requests to. */
export function listenerFor(app: AppOptions): ReturnType<typeof getRequestListener> {
  return getRequestListener(createApp(app).fetch, { overrideGlobalObjects: false });
}
