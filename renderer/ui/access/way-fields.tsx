// What a way to certificates asks for: files or their contents, an e-mail address, a provider and its token.
import type { Provider, WayTexts } from '../../state/certificate-form.ts';
import { Choice } from '../choice.tsx';
import { FieldRows, Fields, TickField } from '../field.tsx';
import type { FieldRow } from '../field.tsx';
import { ProviderHelp } from './provider-help.tsx';
import { t } from '../../language/strings.ts';

interface WayFieldsProps {
  readonly texts: WayTexts;
  readonly providers: readonly Provider[];
  readonly provider: Provider | null;
  /** By field, once somebody has asked. */
  readonly wrong: Readonly<Record<string, string>>;
  change(change: Partial<WayTexts>): void;
}

type PartProps = Omit<WayFieldsProps, 'providers' | 'provider'>;

/** Texts of a way that are typed into one field each. */
type WayText = 'certificate' | 'key' | 'ca' | 'certificateText' | 'keyText' | 'email' | 'provider';

const ownPaths: readonly FieldRow<WayText>[] = [
  {
    ...{ name: 'certificate', label: t('File of the certificate'), isWide: true },
    help: t('PEM: the certificate first, then those between it and the root.'),
    placeholder: '/etc/ssl/lab/fullchain.pem',
  },
  { name: 'key', label: t('File of its key'), isWide: true, placeholder: '/etc/ssl/lab/key.pem' },
  {
    ...{ name: 'ca', label: t('File of the root that it leads to'), isWide: true, placeholder: t('none') },
    help: t('Only for a root that is not a public one.'),
  },
];

const ownTexts: readonly FieldRow<WayText>[] = [
  {
    ...{ name: 'certificateText', kind: 'lines', placeholder: '-----BEGIN CERTIFICATE-----' },
    label: t('Certificate, with those between it and the root'),
  },
  {
    ...{ name: 'keyText', kind: 'secret-lines', label: t('Its key') },
    help: t('For the test alone: forgotten with its answer.'),
    placeholder: '-----BEGIN PRIVATE KEY-----',
  },
];

const acmeRows: readonly FieldRow<WayText>[] = [
  {
    ...{ name: 'email', kind: 'email', label: t('E-mail address'), placeholder: 'you@example.net' },
    help: t("Let's Encrypt writes to it when something is amiss."),
  },
];

function Rows({ rows, texts, wrong, change }: PartProps & { readonly rows: readonly FieldRow<WayText>[] }) {
  return (
    <Fields>
      <FieldRows {...{ rows, texts, wrong }} onChange={(name, text) => change({ [name]: text })} />
    </Fields>
  );
}

const sources = [
  { value: 'paths', words: t('Files on this machine') },
  { value: 'pasted', words: t('Pasted') },
] as const;

function Own(props: PartProps) {
  const { texts, change } = props;
  return (
    <>
      <div>
        <Choice
          label={t('Where the certificate is')}
          options={sources}
          value={texts.ownFrom}
          onChoose={(ownFrom) => change({ ownFrom, keyText: '' })}
        />
      </div>
      <Rows rows={texts.ownFrom === 'paths' ? ownPaths : ownTexts} {...props} />
    </>
  );
}

function Acme(props: PartProps) {
  const { texts, change } = props;
  return (
    <>
      <Rows rows={acmeRows} {...props} />
      <TickField
        name="staging"
        label={t('With the staging authority first')}
        help={t('Its certificates are trusted by nobody, and it counts no attempts.')}
        isOn={texts.staging}
        onChange={(staging) => change({ staging })}
      />
    </>
  );
}

function rowOfProvider(field: Provider['fields'][number]): FieldRow<string> {
  const { name, label, secret, required, placeholder } = field;
  return {
    ...{
      name,
      label: required ? label : t('{{label}} (if there is one)', { label }),
      placeholder: placeholder ?? undefined,
    },
    kind: secret === null ? 'text' : 'secret',
    help: secret === null ? name : `${name}. ${t('For the test alone: forgotten with its answer.')}`,
  };
}

function ProviderFields({ provider, texts, wrong, change }: PartProps & { readonly provider: Provider }) {
  return (
    <>
      <ProviderHelp provider={provider} />
      <Fields>
        <FieldRows
          rows={provider.fields.map(rowOfProvider)}
          texts={texts.fields}
          wrong={wrong}
          onChange={(name, text) => change({ fields: { ...texts.fields, [name]: text } })}
        />
      </Fields>
    </>
  );
}

function Dns({ providers, provider, ...part }: WayFieldsProps) {
  const options = providers.map(({ id, title }) => [id, title] as const);
  const rows: readonly FieldRow<WayText>[] = [
    {
      name: 'provider',
      label: t('Provider of the DNS records'),
      options: [['', t('Choose one')], ...options],
    },
  ];
  return (
    <>
      <Rows rows={rows} {...part} />
      {provider !== null && <ProviderFields provider={provider} {...part} />}
    </>
  );
}

/** The fields of the way that is chosen. Whose texts they are forgets what is secret once it was used. */
export function WayFields(props: WayFieldsProps) {
  const { providers, provider, ...part } = props;
  switch (part.texts.mode) {
    case 'local-ca':
      return null;
    case 'own':
      return <Own {...part} />;
    case 'acme-dns':
      return (
        <>
          <Dns providers={providers} provider={provider} {...part} />
          <Acme {...part} />
        </>
      );
    case 'acme-http':
      return <Acme {...part} />;
  }
}
