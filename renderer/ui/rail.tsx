// The way between pages: words and icons on the left, icons alone where it is narrow, a bar below where it is narrower.
import { Menu } from '@base-ui/react/menu';
import { Ellipsis } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { formatRoute } from '../state/route.ts';
import type { PageName } from '../state/route.ts';
import { useSnapshot } from '../state/use-live.ts';
import { barPages, pageLooks } from './page-looks.ts';
import type { PageLook } from './page-looks.ts';
import styles from './rail.module.css';
import { t } from '../language/strings.ts';

/** What can be done from everywhere. */
export interface RailTool {
  readonly label: string;
  readonly icon: LucideIcon;
  onPress(): void;
}

interface LinkProps {
  readonly look: PageLook;
  readonly isCurrent: boolean;
  /** What waits there to be read. */
  readonly unread: number;
}

function PageLink({ look: { page, word, icon: Icon }, isCurrent, unread }: LinkProps) {
  const isNews = page === 'notifications' && unread > 0;
  const shown = unread > 99 ? '99+' : String(unread);
  return (
    <a
      href={formatRoute({ page })}
      className={styles.link}
      aria-current={isCurrent ? 'page' : undefined}
      aria-label={isNews ? t('{{page}}, {{number}} unread', { page: word, number: shown }) : word}
      title={word}
    >
      <Icon size={18} strokeWidth={1.75} aria-hidden />
      <span className={styles.word}>{word}</span>
      {isNews && <span className={styles.unread}>{shown}</span>}
    </a>
  );
}

/** In the bar: the pages and tools that have no room there. */
function More({
  current,
  tools,
}: {
  readonly current: PageName | null;
  readonly tools: readonly RailTool[];
}) {
  return (
    <Menu.Root>
      <Menu.Trigger className={`${styles.link} ${styles.more}`} aria-label={t('More pages')}>
        <Ellipsis size={18} strokeWidth={1.75} aria-hidden />
        <span className={styles.word}>{t('More')}</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className={styles.place} side="top" align="end" sideOffset={8}>
          <Menu.Popup className={styles.menu} aria-label={t('More pages')}>
            {pageLooks
              .filter(({ page }) => !barPages.includes(page))
              .map(({ page, word, icon: Icon }) => (
                <Menu.LinkItem
                  key={page}
                  className={styles.entry}
                  href={formatRoute({ page })}
                  closeOnClick
                  aria-current={page === current ? 'page' : undefined}
                >
                  <Icon size={18} strokeWidth={1.75} aria-hidden />
                  {word}
                </Menu.LinkItem>
              ))}
            <Menu.Separator className={styles.line} />
            {tools.map(({ label, icon: Icon, onPress }) => (
              <Menu.Item key={label} className={styles.entry} onClick={onPress}>
                <Icon size={18} strokeWidth={1.75} aria-hidden />
                {label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

interface RailProps {
  readonly current: PageName | null;
  readonly tools: readonly RailTool[];
  /** Below the pages. */
  readonly children: ReactNode;
}

export function Rail({ current, tools, children }: RailProps) {
  const pages = useRef<HTMLUListElement>(null);
  const unread = useSnapshot(({ notices }) => notices?.unread ?? 0) ?? 0;
  useEffect(() => {
    // In a low window the page that is shown is in sight.
    pages.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  return (
    <header className={styles.rail}>
      <p className={styles.mark}>
        <img src="/icon.svg" width={24} height={24} alt="" />
        <span>{'AutoGit'}</span>
      </p>
      <nav aria-label={t('Pages')}>
        <ul ref={pages} className={styles.pages}>
          {pageLooks.map((look, index) => (
            <li
              key={look.page}
              data-begins={index > 0 && look.group !== pageLooks[index - 1]?.group ? true : undefined}
              data-bar={barPages.includes(look.page) || look.page === current || undefined}
            >
              <PageLink look={look} isCurrent={look.page === current} unread={unread} />
            </li>
          ))}
          <li className={styles.moreItem} data-bar>
            <More current={current} tools={tools} />
          </li>
        </ul>
      </nav>
      <div className={styles.foot}>{children}</div>
    </header>
  );
}
