// The way between pages: words and icons on the left, icons alone where it is narrow, a bar below where it is narrower.
import { Boxes, Container, Cpu, LayoutDashboard, ListChecks, Server, ShieldCheck, Users } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { formatRoute, pageNames } from '../state/route.ts';
import type { PageName } from '../state/route.ts';
import styles from './rail.module.css';

const looks: Readonly<Record<PageName, { readonly word: string; readonly icon: LucideIcon }>> = {
  overview: { word: 'Overview', icon: LayoutDashboard },
  jobs: { word: 'Jobs', icon: ListChecks },
  runners: { word: 'Runners', icon: Container },
  pools: { word: 'Pools', icon: Boxes },
  hardware: { word: 'Hardware', icon: Cpu },
  engines: { word: 'Engines', icon: Server },
  certificates: { word: 'Certificates', icon: ShieldCheck },
  people: { word: 'People', icon: Users },
};

interface RailProps {
  readonly current: PageName | null;
  /** Below the pages. */
  readonly children: ReactNode;
}

export function Rail({ current, children }: RailProps) {
  const pages = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // Where the bar is longer than the window, the page that is shown is in sight.
    pages.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  return (
    <header className={styles.rail}>
      <p className={styles.mark}>
        <img src="/icon.svg" width={24} height={24} alt="" />
        <span>AutoGit</span>
      </p>
      <nav aria-label="Pages">
        <ul ref={pages} className={styles.pages}>
          {pageNames.map((page) => {
            const { word, icon: Icon } = looks[page];
            return (
              <li key={page}>
                <a
                  href={formatRoute({ page })}
                  className={styles.link}
                  aria-current={page === current ? 'page' : undefined}
                  aria-label={word}
                  title={word}
                >
                  <Icon size={18} strokeWidth={1.75} aria-hidden />
                  <span>{word}</span>
                </a>
              </li>
            );
          })}
        </ul>
      </nav>
      <div className={styles.foot}>{children}</div>
    </header>
  );
}
