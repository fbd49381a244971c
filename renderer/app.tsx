// The whole page: the rail, how things stand with the core, and the page that the address names.
import { Keyboard, LogOut } from 'lucide-react';
import { useCallback, useRef, useState, useSyncExternalStore } from 'react';
import styles from './app.module.css';
import type { CoreError } from './client.ts';
import { CertificatesPage } from './features/certificates/certificates-page.tsx';
import { EnginesPage } from './features/engines/engines-page.tsx';
import { HardwarePage } from './features/hardware/hardware-page.tsx';
import { JobsPage } from './features/jobs/jobs-page.tsx';
import { LoginPage } from './features/login/login-page.tsx';
import { OverviewPage } from './features/overview/overview-page.tsx';
import { PeoplePage } from './features/people/people-page.tsx';
import { PoolsPage } from './features/pools/pools-page.tsx';
import { RunnersPage } from './features/runners/runners-page.tsx';
import { formatRoute, pageNames } from './state/route.ts';
import type { Route } from './state/route.ts';
import { goTo, useRoute } from './state/use-route.ts';
import { useLab, useLive } from './state/use-live.ts';
import { IconButton } from './ui/button.tsx';
import { ConnectionBadge, ConnectionNote } from './ui/connection-note.tsx';
import { KeysDialog } from './ui/keys-dialog.tsx';
import { EmptyState } from './ui/notes.tsx';
import { PlanDialog } from './ui/plan-dialog.tsx';
import { Rail } from './ui/rail.tsx';
import { useKeys } from './ui/use-keys.ts';

function Content({ route }: { readonly route: Route | null }) {
  if (route === null) {
    return (
      <EmptyState
        icon={Keyboard}
        title="There is nothing at this address"
        action={<a href={formatRoute({ page: 'overview' })}>Go to the overview</a>}
      >
        It may be of another version of AutoGit, or cut off.
      </EmptyState>
    );
  }
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'jobs':
      return <JobsPage route={route} />;
    case 'runners':
      return <RunnersPage route={route} />;
    case 'pools':
      return <PoolsPage route={route} />;
    case 'hardware':
      return <HardwarePage route={route} />;
    case 'engines':
      return <EnginesPage />;
    case 'certificates':
      return <CertificatesPage route={route} />;
    case 'people':
      return <PeoplePage route={route} />;
  }
}

function Foot({ onKeys }: { onKeys(): void }) {
  const { session, live } = useLab();
  const leave = (): void => {
    // The next answer of the door leads to the sign-in page; whether it was reached makes no difference to that.
    session?.leave().then(
      () => live.restart(),
      () => live.restart(),
    );
  };
  return (
    <>
      <div className={styles.badge}>
        <ConnectionBadge />
      </div>
      <div className={styles.tools}>
        <IconButton icon={Keyboard} label="Keyboard (?)" onClick={onKeys} />
        {session !== null && <IconButton icon={LogOut} label="Sign out" onClick={leave} />}
      </div>
    </>
  );
}

interface AppProps {
  /** What a link with a token in it was answered with. */
  readonly refusal: CoreError | null;
}

export function App({ refusal }: AppProps) {
  const { deeds } = useLab();
  const route = useRoute();
  const state = useLive(({ connection }) => connection.state);
  const open = useSyncExternalStore(deeds.subscribe, deeds.get);
  const [showsKeys, setShowsKeys] = useState(false);
  const main = useRef<HTMLElement>(null);
  const press = useCallback((key: string): boolean => {
    const page = pageNames[Number(key) - 1];
    if (page !== undefined) goTo({ page });
    if (key === '?') setShowsKeys(true);
    return page !== undefined || key === '?';
  }, []);
  useKeys(press);
  if (state === 'signed-out') return <LoginPage refusal={refusal} />;
  return (
    <div className={styles.app}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Rail current={route?.page ?? null}>
        <Foot onKeys={() => setShowsKeys(true)} />
      </Rail>
      <div className={styles.side}>
        <ConnectionNote />
        <main ref={main} tabIndex={-1} className={styles.main} data-stale={state === 'gone' || undefined}>
          <Content route={route} />
        </main>
      </div>
      {open?.isShown === true && <PlanDialog open={open} />}
      {showsKeys && <KeysDialog onClose={() => setShowsKeys(false)} />}
    </div>
  );
}
