// Something that can be folded away: closed it says in a line what is in it.
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './fold.module.css';

interface FoldProps {
  readonly title: ReactNode;
  /** Behind the title, in the same line where there is room. */
  readonly about?: ReactNode;
  readonly isOpen?: boolean;
  /** Something in it has to be mended. */
  readonly isWrong?: boolean;
  /** Within another one: without a frame. */
  readonly isPlain?: boolean;
  /** Its title is one of the page's headings. */
  readonly heading?: 'h2' | 'h3';
  readonly children: ReactNode;
}

export function Fold(props: FoldProps) {
  const { title, about, isOpen = false, isWrong = false, isPlain = false, heading, children } = props;
  const Title = heading ?? 'span';
  return (
    <details
      className={styles.fold}
      open={isOpen || undefined}
      data-wrong={isWrong || undefined}
      data-plain={isPlain || undefined}
    >
      <summary>
        <ChevronRight size={16} aria-hidden />
        <span className={styles.words}>
          <Title className={styles.title}>{title}</Title>
          {about !== undefined && <span className={styles.about}>{about}</span>}
        </span>
      </summary>
      <div className={styles.inside}>{children}</div>
    </details>
  );
}
