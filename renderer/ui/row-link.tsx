// What a row of a list leads to, beside the list; the link covers its whole row, and the filter stays in the address.
import type { ReactNode } from 'react';
import { formatRoute } from '../state/route.ts';
import type { PageName } from '../state/route.ts';
import { openBeside } from '../state/use-route.ts';
import styles from './row-link.module.css';

interface RowLinkProps {
  readonly page: PageName;
  readonly id: string;
  readonly title?: string;
  readonly children: ReactNode;
}

export function RowLink({ page, id, title, children }: RowLinkProps) {
  return (
    <a
      className={styles.link}
      href={formatRoute({ page, id })}
      tabIndex={-1}
      title={title}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        openBeside(id);
      }}
    >
      {children}
    </a>
  );
}
