// The page that the address names: read when it is first opened, and said so where it cannot be read.
import { Keyboard } from 'lucide-react';
import { Component, lazy, Suspense, useEffect } from 'react';
import type { ComponentType, ReactNode } from 'react';
import { loadPage, readyPages } from './pages.ts';
import { formatRoute } from './state/route.ts';
import type { PageName, Route } from './state/route.ts';
import { useLive } from './state/use-live.ts';
import { Button } from './ui/button.tsx';
import { EmptyState, ErrorNote, Skeleton } from './ui/notes.tsx';
import { Page } from './ui/page.tsx';
import { pageLooks } from './ui/page-looks.ts';
import { t } from './language/strings.ts';

type Views = Readonly<Record<PageName, ComponentType<{ readonly route: Route }>>>;

const views: Views = {
  ...readyPages,
  hardware: lazy(loadPage.hardware),
  stack: lazy(loadPage.stack),
  backups: lazy(loadPage.backups),
  certificates: lazy(loadPage.certificates),
  people: lazy(loadPage.people),
  engines: lazy(loadPage.engines),
  notifications: lazy(loadPage.notifications),
  settings: lazy(loadPage.settings),
  audit: lazy(loadPage.audit),
  about: lazy(loadPage.about),
  setup: lazy(loadPage.setup),
};

const nameOf = (page: PageName): string =>
  pageLooks.find((look) => look.page === page)?.word ?? t('Setting up');

/** Where it is kept that this page was loaded anew for a script that is missing: once is enough. */
const reloadedKey = 'autogit.reloaded';

function hasReloaded(page: PageName): boolean {
  try {
    return sessionStorage.getItem(reloadedKey) === page;
  } catch {
    // Who keeps nothing would load anew for ever.
    return true;
  }
}

function remember(page: PageName | null): void {
  try {
    if (page === null) sessionStorage.removeItem(reloadedKey);
    else sessionStorage.setItem(reloadedKey, page);
  } catch {
    // As above.
  }
}

/** After an update its scripts have other names: a page that is loaded anew knows them. */
function MissingPage({ page }: { readonly page: PageName }) {
  const isThere = useLive(({ connection }) => connection.state === 'live');
  useEffect(() => {
    // Without a core there is nobody who could give the new ones: what is shown stays until it is back.
    if (!isThere || hasReloaded(page)) return;
    remember(page);
    window.location.reload();
  }, [isThere, page]);
  return (
    <Page name={nameOf(page)} sentence={t('This page could not be read')}>
      <ErrorNote
        problem={{
          key: 'page.script-missing',
          message: t('A part of this page is not where it was: AutoGit was updated meanwhile, or has ended.'),
          next: t('Load the page again.'),
        }}
        action={<Button onClick={() => window.location.reload()}>{t('Load again')}</Button>}
      />
    </Page>
  );
}

interface GuardProps {
  readonly instead: ReactNode;
  readonly children: ReactNode;
}

interface GuardState {
  /** `null`: nothing has gone wrong. */
  readonly error: unknown;
}

/** Catches a script that could not be read. What goes wrong in a page that was read is a defect, and told as before. */
class ReadGuard extends Component<GuardProps, GuardState> {
  override state: GuardState = { error: null };

  static getDerivedStateFromError(error: unknown): GuardState {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    if (isReading(error)) return this.props.instead;
    throw error instanceof Error ? error : new Error('a page could not be drawn', { cause: error });
  }
}

/** In the words of Chromium and Firefox, and of Safari. */
function isReading(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|module script failed/i.test(error.message);
}

/** Forgets a reload that has helped. */
function Read({ page, children }: { readonly page: PageName; readonly children: ReactNode }) {
  useEffect(() => {
    if (hasReloaded(page)) remember(null);
  }, [page]);
  return children;
}

export function PageView({ route }: { readonly route: Route | null }) {
  if (route === null) {
    return (
      <EmptyState
        icon={Keyboard}
        title={t('There is nothing at this address')}
        action={<a href={formatRoute({ page: 'overview' })}>{t('Go to the overview')}</a>}
      >
        {t('It may be of another version of AutoGit, or cut off.')}
      </EmptyState>
    );
  }
  const { page } = route;
  const View = views[page];
  const name = nameOf(page);
  const waiting = (
    <Page name={name} sentence={null}>
      <Skeleton what={t('the page')} />
    </Page>
  );
  return (
    <ReadGuard key={page} instead={<MissingPage page={page} />}>
      <Suspense fallback={waiting}>
        <Read page={page}>
          <View route={route} />
        </Read>
      </Suspense>
    </ReadGuard>
  );
}
