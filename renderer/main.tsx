// Starts the page: finds the way to the core, signs in when the link says how, and draws.
import type {} from './ahead.ts';
import './no-eval.ts';
import './load-language.ts';
import './ui/tokens.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createClient, toCoreError } from './client.ts';
import type { CoreError } from './client.ts';
import { isLate, loadPage } from './pages.ts';
import { createDeeds } from './state/deeds.ts';
import { createFrames } from './state/frames.ts';
import { followLab } from './state/live.ts';
import type { Live } from './state/live.ts';
import { parseRoute, tokenIn } from './state/route.ts';
import { LabContext } from './state/use-live.ts';
import { foldPath, forgetFragment } from './state/use-route.ts';
import { bridgeTransport } from './transports/bridge.ts';
import type { Session } from './transports/http.ts';

/** Milliseconds for which a hidden page stays connected: switching back and forth costs nothing. */
const hiddenMs = 5_000;

/** Milliseconds that a page waits for the state before it is drawn without. */
const patienceMs = 80;

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

/** How the page reaches its core, and who is asked to sign in there: `null` in the desktop's window, whose owner is known. */
async function wayToCore() {
  const { autogit: bridge, autogitAhead: ahead = null } = window;
  if (bridge !== undefined) return { transport: bridgeTransport(bridge, ahead), session: null };
  const { httpSession, httpTransport } = await import('./transports/http.ts');
  return { transport: httpTransport(), session: httpSession() };
}

/** Begins to read the script of the page that the address names, where it has one of its own. */
function readAhead(): void {
  const route = parseRoute(window.location.hash);
  // Whoever shows it says what is wrong with it.
  if (route !== null && isLate(route.page)) loadPage[route.page]().catch(() => undefined);
}

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) throw new TypeError('the page has no place to draw on');
  foldPath();
  readAhead();
  const { transport, session } = await wayToCore();
  const refusal = session === null ? null : await enterByLink(session);
  const client = createClient(transport);
  const live = followLab({
    changes: (signal) => client.stream('snapshot.changes', {}, signal),
    now: Date.now,
    beforeFrame: createFrames(),
  });
  restWhileHidden(live);
  const lab = { client, live, session, deeds: createDeeds(client, Date.now) };
  // A state that is there in a moment is drawn at once, and not after a page without it.
  await Promise.race([live.begun, new Promise((resolve) => setTimeout(resolve, patienceMs))]);
  // What is caught is a script that could not be read, and the page says so.
  createRoot(root, { onCaughtError: () => undefined }).render(
    <StrictMode>
      <LabContext value={lab}>
        <App refusal={refusal} />
      </LabContext>
    </StrictMode>,
  );
}

void start();
