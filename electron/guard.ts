// What no page may do, whatever it is: leave its address, open windows, reach a network, ask for permissions.
import { app } from 'electron';
import type { Session, WebContents } from 'electron';
import { isPageUrl } from './page-files.ts';

/** Writing the clipboard is what every page may do in a browser; without it nothing could be copied by a button. */
const permission = 'clipboard-sanitized-write';

/** A session without any network, permission, device or download. `devTools`: the inspector's own files load. */
export function lockSession(session: Session, options: { readonly devTools: boolean }): void {
  session.webRequest.onBeforeRequest((details, answer) => {
    const isInspector = options.devTools && details.url.startsWith('devtools://');
    answer({ cancel: !isPageUrl(details.url) && !isInspector });
  });
  session.setPermissionRequestHandler((_contents, asked, answer, details) => {
    answer(asked === permission && details.isMainFrame && isPageUrl(details.requestingUrl));
  });
  session.setPermissionCheckHandler(
    (_contents, asked, origin, details) => asked === permission && details.isMainFrame && isPageUrl(origin),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
}

function lockContents(contents: WebContents, openLink: (url: string) => void): void {
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    if (isReload(contents, event.url)) return;
    event.preventDefault();
    if (event.isMainFrame) openLink(event.url);
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openLink(url);
    return { action: 'deny' };
  });
}

/** The page may load itself again, from its own address. */
function isReload(contents: WebContents, url: string): boolean {
  const [asked, shown] = [url, contents.getURL()].map((address) => address.replace(/#.*/s, ''));
  return isPageUrl(url) && asked === shown;
}

/** Holds for every page of this application from now on, also for one that nobody meant to open. */
export function lockEveryPage(openLink: (url: string) => void): void {
  app.on('web-contents-created', (_event, contents) => lockContents(contents, openLink));
}
