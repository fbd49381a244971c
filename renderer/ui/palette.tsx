// The palette: everything that can be gone to or done, by a few letters and Enter.
import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import {
  ArrowRight,
  Boxes,
  Container,
  Cpu,
  Layers,
  ListChecks,
  Search,
  Settings,
  UserRound,
  Zap,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { CoreClient } from '../client.ts';
import { kindWords, noExtras, paletteItems, searchPalette } from '../state/palette.ts';
import type { PaletteExtras, PaletteItem, PaletteKind } from '../state/palette.ts';
import { useLab } from '../state/use-live.ts';
import { goTo } from '../state/use-route.ts';
import { pageLooks } from './page-looks.ts';
import styles from './palette.module.css';
import { t } from '../language/strings.ts';

const icons: Readonly<Record<PaletteKind, LucideIcon>> = {
  ...{ page: ArrowRight, deed: Zap, pool: Boxes, job: ListChecks, runner: Container, gpu: Cpu },
  ...{ service: Layers, person: UserRound, setting: Settings },
};

/** What cannot be asked (no stack, no directory) is only not found. */
async function askExtras(client: CoreClient): Promise<PaletteExtras> {
  const [stack, people, settings] = await Promise.all([
    client.call('stack.status', {}).catch(() => null),
    client.call('user.list', {}).catch(() => null),
    client.call('settings.describe', {}).catch(() => null),
  ]);
  return {
    services: stack?.services.map(({ service }) => service) ?? [],
    people: people?.users ?? [],
    settings: settings?.settings ?? [],
  };
}

function useExtras(): PaletteExtras {
  const { client } = useLab();
  const [extras, setExtras] = useState(noExtras);
  useEffect(() => {
    let isLeft = false;
    void askExtras(client).then((found) => {
      if (!isLeft) setExtras(found);
    });
    return () => {
      isLeft = true;
    };
  }, [client]);
  return extras;
}

interface PaletteProps {
  onClose(): void;
  onKeys(): void;
}

function Row({ item, onTake }: { readonly item: PaletteItem; onTake(item: PaletteItem): void }) {
  const Icon =
    item.kind === 'page'
      ? (pageLooks.find(({ word }) => word === item.label)?.icon ?? ArrowRight)
      : icons[item.kind];
  return (
    <Autocomplete.Item value={item} className={styles.item} onClick={() => onTake(item)}>
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <span className={styles.label}>{item.label}</span>
      <span className={styles.hint}>{item.hint}</span>
      <span className={styles.kind}>{kindWords[item.kind]}</span>
    </Autocomplete.Item>
  );
}

function Finder({ onClose, onKeys }: PaletteProps) {
  const { live, deeds } = useLab();
  const extras = useExtras();
  // As it was when the palette was opened: rows do not move under the hand.
  const [snapshot] = useState(() => live.get().snapshot);
  const [query, setQuery] = useState('');
  const asked = useDeferredValue(query);
  const items = useMemo(() => paletteItems(pageLooks, snapshot, extras), [snapshot, extras]);
  const found = useMemo(() => searchPalette(items, asked, snapshot), [items, asked, snapshot]);
  const take = ({ does }: PaletteItem): void => {
    onClose();
    if ('go' in does) goTo(does.go);
    else if ('ask' in does) deeds.ask(does.ask);
    else onKeys();
  };
  return (
    <Autocomplete.Root
      open
      inline
      items={found}
      filter={null}
      autoHighlight="always"
      keepHighlight
      value={query}
      onValueChange={(value, { reason }) => {
        // Taking a row would write its words into the field.
        if (reason !== 'item-press') setQuery(value);
      }}
      itemToStringValue={({ label }: PaletteItem) => label}
    >
      <div className={styles.field}>
        <Search size={16} aria-hidden />
        <Autocomplete.Input
          className={styles.input}
          aria-label={t('Go to or do')}
          placeholder={t('Page, pool, job, runner, person, setting, or what to do')}
          spellCheck={false}
        />
        <kbd aria-hidden>Esc</kbd>
      </div>
      <Autocomplete.Empty className={styles.empty}>
        {found.length === 0 ? t('Nothing is found by these letters.') : null}
      </Autocomplete.Empty>
      <Autocomplete.List className={styles.list} aria-label={t('Found')}>
        {(item: PaletteItem) => <Row key={item.id} item={item} onTake={take} />}
      </Autocomplete.List>
      <Dialog.Close className={styles.close}>{t('Close')}</Dialog.Close>
    </Autocomplete.Root>
  );
}

/** Is there while it is open. */
export function Palette({ onClose, onKeys }: PaletteProps) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Popup className={styles.popup} aria-label={t('Go to or do')}>
          <Finder onClose={onClose} onKeys={onKeys} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
