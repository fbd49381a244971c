// The whole page: the rail, how things stand with the core, and the page that the address names.
import { Keyboard, LogOut, Search } from 'lucide-react';
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import styles from './app.module.css';
import type { CoreError } from './client.ts';
import { LoginPage } from './features/login/login-page.tsx';
import { PageView } from './page-view.tsx';
import { useLook } from './state/use-look.ts';
import { useRoute } from './state/use-route.ts';
import { useLab, useLive } from './state/use-live.ts';
import { IconButton } from './ui/button.tsx';
import { ConnectionBadge, ConnectionNote } from './ui/connection-note.tsx';
import { KeysDialog } from './ui/keys-dialog.tsx';
import { Palette } from './ui/palette.tsx';
import { PlanDialog } from './ui/plan-dialog.tsx';
import { Rail } from './ui/rail.tsx';
import type { RailTool } from './ui/rail.tsx';
import { useShortcuts } from './ui/use-shortcuts.ts';
import { t } from './language/strings.ts';

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
      { label: t('Go to or do (Ctrl K)'), icon: Search, onPress: onPalette },
      { label: t('Keyboard (?)'), icon: Keyboard, onPress: onKeys },
      ...(session === null ? [] : [{ label: t('Sign out'), icon: LogOut, onPress: leave }]),
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
        {t('Skip to the content')}
      </button>
      <Rail current={route?.page ?? null} tools={tools}>
        <Foot tools={tools} />
      </Rail>
      <div className={styles.side}>
        <ConnectionNote />
        <main ref={main} tabIndex={-1} className={styles.main} data-stale={state === 'gone' || undefined}>
          <PageView key={locale} route={route} />
        </main>
      </div>
      {open?.isShown === true && <PlanDialog open={open} />}
      {own === 'keys' && <KeysDialog onClose={() => setOwn(null)} />}
      {own === 'palette' && <Palette onClose={closeOwn} onKeys={openKeys} />}
    </div>
  );
}
