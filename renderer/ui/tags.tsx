// Tags as GitLab has them, or what it means that there are none.
import styles from './tags.module.css';

interface TagsProps {
  readonly tags: readonly string[];
  readonly none: string;
}

export function Tags({ tags, none }: TagsProps) {
  if (tags.length === 0) return none;
  return (
    <span className={styles.tags}>
      {tags.map((tag) => (
        <bdi key={tag} className={styles.tag} title={tag}>
          {tag}
        </bdi>
      ))}
    </span>
  );
}
