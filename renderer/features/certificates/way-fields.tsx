// What a way to certificates asks for: files or their contents, an e-mail address, a provider and its token.
import type { Provider, WayTexts } from '../../state/certificate-form.ts';
import { Choice } from '../../ui/choice.tsx';
import { Fields, SelectField, TextField, TickField } from '../../ui/field.tsx';
import styles from './certificates.module.css';

interface WayFieldsProps {
  readonly texts: WayTexts;
  readonly providers: readonly Provider[];
  readonly provider: Provider | null;
  /** By field, once somebody has asked. */
  readonly wrong: Readonly<Record<string, string>>;
  change(change: Partial<WayTexts>): void;
}

type PartProps = Omit<WayFieldsProps, 'providers' | 'provider'>;

function OwnPaths({ texts, wrong, change }: PartProps) {
  return (
    <Fields>
      <TextField
        isWide
        name="certificate"
        label="File of the certificate"
        help="PEM: the certificate first, then those between it and the root."
        placeholder="/etc/ssl/lab/fullchain.pem"
        value={texts.certificate}
        error={wrong['certificate']}
        onChange={(certificate) => change({ certificate })}
      />
      <TextField
        isWide
        name="key"
        label="File of its key"
        placeholder="/etc/ssl/lab/key.pem"
        value={texts.key}
        error={wrong['key']}
        onChange={(key) => change({ key })}
      />
      <TextField
        isWide
        name="ca"
        label="File of the root that it leads to"
        help="Only for a root that is not a public one."
        placeholder="none"
        value={texts.ca}
        error={wrong['ca']}
        onChange={(ca) => change({ ca })}
      />
    </Fields>
  );
}

function OwnTexts({ texts, wrong, change }: PartProps) {
  return (
    <Fields>
      <TextField
        name="certificateText"
        kind="lines"
        label="Certificate, with those between it and the root"
        placeholder="-----BEGIN CERTIFICATE-----"
        value={texts.certificateText}
        error={wrong['certificateText']}
        onChange={(certificateText) => change({ certificateText })}
      />
      <TextField
        name="keyText"
        kind="secret-lines"
        label="Its key"
        help="For the test alone: forgotten with its answer."
        placeholder="-----BEGIN PRIVATE KEY-----"
        value={texts.keyText}
        error={wrong['keyText']}
        onChange={(keyText) => change({ keyText })}
      />
    </Fields>
  );
}

const sources = [
  { value: 'paths', words: 'Files on this machine' },
  { value: 'pasted', words: 'Pasted' },
] as const;

function Own(props: PartProps) {
  const { texts, change } = props;
  return (
    <>
      <div>
        <Choice
          label="Where the certificate is"
          options={sources}
          value={texts.ownFrom}
          onChoose={(ownFrom) => change({ ownFrom, keyText: '' })}
        />
      </div>
      {texts.ownFrom === 'paths' ? <OwnPaths {...props} /> : <OwnTexts {...props} />}
    </>
  );
}

function Acme({ texts, wrong, change }: PartProps) {
  return (
    <>
      <Fields>
        <TextField
          name="email"
          kind="email"
          label="E-mail address"
          help="Let's Encrypt writes to it when something is amiss."
          placeholder="you@example.net"
          value={texts.email}
          error={wrong['email']}
          onChange={(email) => change({ email })}
        />
      </Fields>
      <TickField
        name="staging"
        label="With the staging authority first"
        help="Its certificates are trusted by nobody, and it counts no attempts."
        isOn={texts.staging}
        onChange={(staging) => change({ staging })}
      />
    </>
  );
}

function ProviderFields({ provider, texts, wrong, change }: PartProps & { readonly provider: Provider }) {
  return (
    <>
      <p className={styles.help}>
        {provider.help}{' '}
        <a href={provider.url} target="_blank" rel="noreferrer">
          {provider.title}: where it is made
        </a>
        {!provider.checked && ' AutoGit cannot try this one before it is used.'}
      </p>
      <Fields>
        {provider.fields.map(({ name, label, secret, required, placeholder }) => (
          <TextField
            key={name}
            name={name}
            kind={secret === null ? 'text' : 'secret'}
            label={required ? label : `${label} (if there is one)`}
            help={secret === null ? name : `${name}. For the test alone: forgotten with its answer.`}
            placeholder={placeholder ?? undefined}
            value={texts.fields[name] ?? ''}
            error={wrong[name]}
            onChange={(text) => change({ fields: { ...texts.fields, [name]: text } })}
          />
        ))}
      </Fields>
    </>
  );
}

function Dns({ providers, provider, ...part }: WayFieldsProps) {
  const { texts, wrong, change } = part;
  const options = providers.map(({ id, title }) => [id, title] as const);
  return (
    <>
      <Fields>
        <SelectField
          name="provider"
          label="Provider of the DNS records"
          value={texts.provider}
          options={[['', 'Choose one'], ...options]}
          error={wrong['provider']}
          onChange={(id) => change({ provider: id })}
        />
      </Fields>
      {provider !== null && <ProviderFields provider={provider} {...part} />}
    </>
  );
}

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
