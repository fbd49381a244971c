// What a directory of people asks for, LDAP or Active Directory.
import { directoryWays, implementations } from '../../state/sign-in-form.ts';
import type { DirectoryTexts, DirectoryWay } from '../../state/sign-in-form.ts';
import { FieldRows, Fields, SelectField } from '../field.tsx';
import type { FieldRow } from '../field.tsx';
import { More } from '../more.tsx';
import { t } from '../../language/strings.ts';

const wayWords: Readonly<Record<DirectoryWay, string>> = {
  ldaps: t('TLS from the start (ldaps)'),
  starttls: t('TLS on the plain port (StartTLS)'),
  plain: t('not at all: passwords can be read'),
};

type DirectoryText = Exclude<keyof DirectoryTexts, 'way' | 'search'>;

const kindRows: readonly FieldRow<DirectoryText>[] = [
  { name: 'implementation', label: t('Kind'), options: implementations },
];

const serverRows: readonly FieldRow<DirectoryText>[] = [
  { name: 'address', label: t('Server'), placeholder: 'ldap.example.net' },
  { name: 'baseDn', label: t('Base DN'), placeholder: 'dc=example,dc=net' },
  { name: 'user', label: t('Who searches'), placeholder: 'cn=reader,dc=example,dc=net' },
  {
    ...{ name: 'password', kind: 'secret', label: t('Their password') },
    help: t('For the test alone: forgotten with its answer.'),
  },
];

const asUsual = { placeholder: t('as its kind has it') } as const;

const moreRows: readonly FieldRow<DirectoryText>[] = [
  { name: 'usersFilter', label: t('Filter of people'), ...asUsual },
  { name: 'groupsFilter', label: t('Filter of groups'), ...asUsual },
  { name: 'additionalUsersDn', label: t('Where people are, below the base'), ...asUsual },
  { name: 'additionalGroupsDn', label: t('Where groups are, below the base'), ...asUsual },
  { name: 'ca', label: t("File of the root of the server's certificate"), placeholder: t('a public one') },
];

interface DirectoryFieldsProps {
  readonly texts: DirectoryTexts;
  /** By field, once somebody has asked. */
  readonly wrong: Readonly<Record<string, string>>;
  change(change: Partial<DirectoryTexts>): void;
}

export function DirectoryFields({ texts, wrong, change }: DirectoryFieldsProps) {
  const rows = { texts, wrong, onChange: (name: DirectoryText, text: string) => change({ [name]: text }) };
  return (
    <>
      <Fields>
        <FieldRows rows={kindRows} {...rows} />
        <SelectField
          name="way"
          label={t('Encrypted by')}
          value={texts.way}
          options={directoryWays.map((way) => [way, wayWords[way]] as const)}
          help={texts.way === 'plain' ? t('Only in a network that nobody else is in.') : undefined}
          onChange={(value) => change({ way: directoryWays.find((way) => way === value) ?? 'ldaps' })}
        />
        <FieldRows rows={serverRows} {...rows} />
      </Fields>
      <More summary={t('What is out of the ordinary')}>
        <Fields>
          <FieldRows rows={moreRows} {...rows} />
        </Fields>
      </More>
    </>
  );
}
