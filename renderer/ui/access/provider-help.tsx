// What a provider of names asks for, and where that is made.
import type { Provider } from '../../state/certificate-form.ts';
import styles from './access.module.css';
import { t } from '../../language/strings.ts';

export function ProviderHelp({ provider }: { readonly provider: Provider }) {
  return (
    <p className={styles.help}>
      {provider.help}{' '}
      <a href={provider.url} target="_blank" rel="noreferrer">
        {t('{{provider}}: where it is made', { provider: provider.title })}
      </a>
      {!provider.checked && ` ${t('AutoGit cannot try this one before it is used.')}`}
    </p>
  );
}
