// Starts the page: finds the way to the core, signs in when the link says how, and draws.
import './no-eval.ts';
import './ui/tokens.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Bridge } from '../main/contract/bridge.ts';
import { App } from './app.tsx';
import { createClient, toCoreError } from './client.ts';
import type { CoreError } from './client.ts';
import { createDeeds } from './state/deeds.ts';
import { createFrames } from './state/frames.ts';
import { followLab } from './state/live.ts';
import type { Live } from './state/live.ts';
import { tokenIn } from './state/route.ts';
import { LabContext } from './state/use-live.ts';
import { foldPath, forgetFragment } from './state/use-route.ts';
import { bridgeTransport } from './transports/bridge.ts';
import { httpSession, httpTransport } from './transports/http.ts';
import type { Session } from './transports/http.ts';

declare global {
  interface Window {
    /** There in the desktop's window only. */
    readonly autogit?: Bridge;
  }
}

/** Milliseconds for which a hidden page stays connected: switching back and forth costs nothing. */
const hiddenMs = 5_000;

/** Browsers allow few connections to one address, so a page that nobody sees holds none. */
function restWhileHidden(live: Live): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (document.visibilityState === 'visible') live.resume();
    else timer = setTimeout(() => live.rest(), hiddenMs);
  });
}

/** Signs in with the token of a link, which leaves the address before anything else happens. */
async function enterByLink(session: Session): Promise<CoreError | null> {
  const token = tokenIn(window.location.hash);
  if (token === null) return null;
  forgetFragment();
  try {
    await session.enter(token);
    return null;
  } catch (error) {
    return toCoreError(error);
  }
}

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new TypeError('the page has no place to draw on');
  const bridge = window.autogit;
  const session = bridge === undefined ? httpSession() : null;
  foldPath();
  const refusal = session === null ? null : await enterByLink(session);
  const client = createClient(bridge === undefined ? httpTransport() : bridgeTransport(bridge));
  const live = followLab({
    changes: (signal) => client.stream('snapshot.changes', {}, signal),
    now: Date.now,
    beforeFrame: createFrames(),
  });
  restWhileHidden(live);
  const lab = { client, live, session, deeds: createDeeds(client, Date.now) };
  createRoot(root).render(
    <StrictMode>
      <LabContext value={lab}>
        <App refusal={refusal} />
      </LabContext>
    </StrictMode>,
  );
}

void start();
