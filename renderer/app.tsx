// The whole page: the rail, how things stand with the core, and the page that the address names.
import { Keyboard, LogOut, Search } from 'lucide-react';
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import styles from './app.module.css';
import type { CoreError } from './client.ts';
import { AboutPage } from './features/about/about-page.tsx';
import { AuditPage } from './features/audit/audit-page.tsx';
import { BackupsPage } from './features/backups/backups-page.tsx';
import { CertificatesPage } from './features/certificates/certificates-page.tsx';
import { EnginesPage } from './features/engines/engines-page.tsx';
import { HardwarePage } from './features/hardware/hardware-page.tsx';
import { JobsPage } from './features/jobs/jobs-page.tsx';
import { LoginPage } from './features/login/login-page.tsx';
import { NotificationsPage } from './features/notifications/notifications-page.tsx';
import { OverviewPage } from './features/overview/overview-page.tsx';
import { PeoplePage } from './features/people/people-page.tsx';
import { PoolsPage } from './features/pools/pools-page.tsx';
import { RunnersPage } from './features/runners/runners-page.tsx';
import { SettingsPage } from './features/settings/settings-page.tsx';
import { SetupPage } from './features/setup/setup-page.tsx';
import { StackPage } from './features/stack/stack-page.tsx';
import { formatRoute } from './state/route.ts';
import type { Route } from './state/route.ts';
import { useLook } from './state/use-look.ts';
import { useRoute } from './state/use-route.ts';
import { useLab, useLive } from './state/use-live.ts';
import { IconButton } from './ui/button.tsx';
import { ConnectionBadge, ConnectionNote } from './ui/connection-note.tsx';
import { KeysDialog } from './ui/keys-dialog.tsx';
import { EmptyState } from './ui/notes.tsx';
import { Palette } from './ui/palette.tsx';
import { PlanDialog } from './ui/plan-dialog.tsx';
import { Rail } from './ui/rail.tsx';
import type { RailTool } from './ui/rail.tsx';
import { useShortcuts } from './ui/use-shortcuts.ts';

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
    case 'backups':
      return <BackupsPage route={route} />;
    case 'certificates':
      return <CertificatesPage route={route} />;
    case 'people':
      return <PeoplePage route={route} />;
    case 'stack':
      return <StackPage route={route} />;
    case 'notifications':
      return <NotificationsPage route={route} />;
    case 'settings':
      return <SettingsPage route={route} />;
    case 'audit':
      return <AuditPage route={route} />;
    case 'about':
      return <AboutPage />;
    case 'setup':
      return <SetupPage route={route} />;
  }
}

function Foot({ tools }: { readonly tools: readonly RailTool[] }) {
  return (
    <>
      <div className={styles.badge}>
        <ConnectionBadge />
      </div>
      <div className={styles.tools}>
        {tools.map(({ label, icon, onPress }) => (
          <IconButton key={label} icon={icon} label={label} onClick={onPress} />
        ))}
      </div>
    </>
  );
}

/** What the rail offers besides pages. */
function useTools(onPalette: () => void, onKeys: () => void): readonly RailTool[] {
  const { session, live } = useLab();
  return useMemo(() => {
    const leave = (): void => {
      // The next answer of the door leads to the sign-in page; whether it was reached makes no difference to that.
      session?.leave().then(
        () => live.restart(),
        () => live.restart(),
      );
    };
    return [
      { label: 'Go to or do (Ctrl K)', icon: Search, onPress: onPalette },
      { label: 'Keyboard (?)', icon: Keyboard, onPress: onKeys },
      ...(session === null ? [] : [{ label: 'Sign out', icon: LogOut, onPress: leave }]),
    ];
  }, [session, live, onPalette, onKeys]);
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
  const { locale } = useLook();
  /** What of the page's own is open. */
  const [own, setOwn] = useState<'keys' | 'palette' | null>(null);
  const main = useRef<HTMLElement>(null);
  const openKeys = useCallback(() => setOwn('keys'), []);
  const openPalette = useCallback(() => setOwn('palette'), []);
  const closeOwn = useCallback(() => setOwn((now) => (now === 'palette' ? null : now)), []);
  const tools = useTools(openPalette, openKeys);
  useShortcuts({ onPalette: openPalette, onKeys: openKeys });
  if (state === 'signed-out') return <LoginPage refusal={refusal} />;
  return (
    <div className={styles.app}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Rail current={route?.page ?? null} tools={tools}>
        <Foot tools={tools} />
      </Rail>
      <div className={styles.side}>
        <ConnectionNote />
        <main ref={main} tabIndex={-1} className={styles.main} data-stale={state === 'gone' || undefined}>
          <Content key={locale} route={route} />
        </main>
      </div>
      {open?.isShown === true && <PlanDialog open={open} />}
      {own === 'keys' && <KeysDialog onClose={() => setOwn(null)} />}
      {own === 'palette' && <Palette onClose={closeOwn} onKeys={openKeys} />}
    </div>
  );
}
