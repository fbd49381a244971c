// The pages: those of the work are there with the first script, the others are scripts of their own, read when they are opened.
import type { ComponentType } from 'react';
import { JobsPage } from './features/jobs/jobs-page.tsx';
import { OverviewPage } from './features/overview/overview-page.tsx';
import { PoolsPage } from './features/pools/pools-page.tsx';
import { RunnersPage } from './features/runners/runners-page.tsx';
import type { PageName, Route } from './state/route.ts';

type View = ComponentType<{ readonly route: Route }>;

/** What a desktop's window shows at most starts. Each more script would be one more question before anything is drawn. */
export const readyPages = {
  ...{ overview: OverviewPage, jobs: JobsPage, runners: RunnersPage, pools: PoolsPage },
} satisfies Partial<Record<PageName, View>>;

export type LatePage = Exclude<PageName, keyof typeof readyPages>;

/** What `lazy` of React takes. */
type Load = () => Promise<{ readonly default: View }>;

export const loadPage: Readonly<Record<LatePage, Load>> = {
  hardware: async () => ({ default: (await import('./features/hardware/hardware-page.tsx')).HardwarePage }),
  stack: async () => ({ default: (await import('./features/stack/stack-page.tsx')).StackPage }),
  backups: async () => ({ default: (await import('./features/backups/backups-page.tsx')).BackupsPage }),
  certificates: async () => ({
    default: (await import('./features/certificates/certificates-page.tsx')).CertificatesPage,
  }),
  people: async () => ({ default: (await import('./features/people/people-page.tsx')).PeoplePage }),
  engines: async () => ({ default: (await import('./features/engines/engines-page.tsx')).EnginesPage }),
  notifications: async () => ({
    default: (await import('./features/notifications/notifications-page.tsx')).NotificationsPage,
  }),
  settings: async () => ({ default: (await import('./features/settings/settings-page.tsx')).SettingsPage }),
  audit: async () => ({ default: (await import('./features/audit/audit-page.tsx')).AuditPage }),
  about: async () => ({ default: (await import('./features/about/about-page.tsx')).AboutPage }),
  setup: async () => ({ default: (await import('./features/setup/setup-page.tsx')).SetupPage }),
};

export function isLate(page: PageName): page is LatePage {
  return page in loadPage;
}
