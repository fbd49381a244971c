// The pages with their words and icons, in the order of the rail, which is also that of the keys 1 to 9.
import {
  ArchiveRestore,
  Bell,
  Boxes,
  Container,
  Cpu,
  History,
  Info,
  Layers,
  LayoutDashboard,
  ListChecks,
  Server,
  Settings,
  ShieldCheck,
  Users,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { PageName } from '../state/route.ts';
import { t } from '../language/strings.ts';

/** What belongs together: the work, what it stands on, AutoGit itself. */
export type PageGroup = 'work' | 'ground' | 'own';

export interface PageLook {
  readonly page: PageName;
  readonly word: string;
  readonly icon: LucideIcon;
  readonly group: PageGroup;
  /** Pressed after `g`. */
  readonly letter: string;
}

/** Setting up is begun from the overview, and has no place of its own here. */
export const pageLooks: readonly PageLook[] = [
  { page: 'overview', word: t('Overview'), icon: LayoutDashboard, group: 'work', letter: 'o' },
  { page: 'jobs', word: t('Jobs'), icon: ListChecks, group: 'work', letter: 'j' },
  { page: 'runners', word: t('Runners'), icon: Container, group: 'work', letter: 'r' },
  { page: 'pools', word: t('Pools'), icon: Boxes, group: 'work', letter: 'p' },
  { page: 'hardware', word: t('Hardware'), icon: Cpu, group: 'ground', letter: 'h' },
  { page: 'stack', word: t('Stack'), icon: Layers, group: 'ground', letter: 's' },
  { page: 'backups', word: t('Backups'), icon: ArchiveRestore, group: 'ground', letter: 'b' },
  { page: 'certificates', word: t('Certificates'), icon: ShieldCheck, group: 'ground', letter: 'c' },
  { page: 'people', word: t('People'), icon: Users, group: 'ground', letter: 'u' },
  { page: 'engines', word: t('Engines'), icon: Server, group: 'ground', letter: 'e' },
  { page: 'notifications', word: t('Notifications'), icon: Bell, group: 'own', letter: 'n' },
  { page: 'settings', word: t('Settings'), icon: Settings, group: 'own', letter: ',' },
  { page: 'audit', word: t('Audit'), icon: History, group: 'own', letter: 'a' },
  { page: 'about', word: t('About'), icon: Info, group: 'own', letter: 'i' },
];

/** In the bar of narrow windows; the others are one press further. */
export const barPages: readonly PageName[] = ['overview', 'jobs', 'runners', 'pools'];

/** So many pages have a digit. */
export const numberedPages = 9;

/** The page that a key leads to; `isAfterG`: after `g`, letters do. `null`: none. */
export function pageOfKey(key: string, isAfterG: boolean): PageName | null {
  const found = isAfterG
    ? pageLooks.find(({ letter }) => letter === key.toLowerCase())
    : pageLooks.find((_, index) => index < numberedPages && String(index + 1) === key);
  return found?.page ?? null;
}
