// The parts of a page that has more than one: each has its address.
import styles from './tabs.module.css';

export interface Tab {
  readonly name: string;
  readonly words: string;
  readonly href: string;
}

interface TabsProps {
  /** Whose parts they are, for those who do not see it. */
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly current: string;
}

export function Tabs({ label, tabs, current }: TabsProps) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {tabs.map(({ name, words, href }) => (
        <a key={name} href={href} aria-current={name === current ? 'page' : undefined}>
          {words}
        </a>
      ))}
    </nav>
  );
}
