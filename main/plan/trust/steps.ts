// The steps that put a root into a store and take roots out, and the same as lines for a shell.
import { assertNever } from '../../model/assert.ts';
import { shellWord } from '../../model/shell-word.ts';
import { certificateArgument, isRootName, rootFileName, rootNickname } from '../../model/trust.ts';
import type { FoundRoot, KnownRoot, RootStore, StoreStep, StoreWay } from '../../model/trust.ts';

type Run = Extract<StoreStep, { readonly do: 'run' }>;

function run(argv: readonly string[], certificate: string | null = null): Run {
  const [program = '', ...args] = argv;
  return { do: 'run', program, args, certificate };
}

function nss(way: Extract<StoreWay, { readonly kind: 'nss' }>): readonly string[] {
  return ['-d', `sql:${way.database}`];
}

/** Name that AutoGit gives a root in a store; `''` where stores give none. */
function nameIn({ way }: Pick<RootStore, 'way'>, root: KnownRoot): string {
  switch (way.kind) {
    case 'files':
      return `${rootFileName(root)}${way.extension}`;
    case 'nss':
      return rootNickname(root);
    case 'keychain':
    case 'windows':
      return '';
    default:
      return assertNever(way);
  }
}

/**
 * What AutoGit has put in: by the name that it gives, and by the content. A root of another home, or one that a person has
 * put in, is not. `given`: ids of stores without names, by fingerprint, that AutoGit is known to have given a root.
 */
export function ownIn(
  store: Pick<RootStore, 'id' | 'way' | 'found'>,
  known: readonly KnownRoot[],
  given: ReadonlyMap<string, readonly string[]>,
): readonly KnownRoot[] {
  return known.filter((root) => {
    const { fingerprint } = root;
    const name = nameIn(store, root);
    const isOwn = (one: FoundRoot): boolean => one.fingerprint === fingerprint && one.name === name;
    const isGiven = name !== '' || (given.get(fingerprint) ?? []).includes(store.id);
    return isGiven && store.found.some(isOwn);
  });
}

/** Roots with names of AutoGit's that are of no root of this home. */
export function strangeIn(
  { found }: Pick<RootStore, 'found'>,
  known: readonly KnownRoot[],
): readonly FoundRoot[] {
  return found.filter(
    ({ name, fingerprint }) => isRootName(name) && !known.some((root) => root.fingerprint === fingerprint),
  );
}

function added(way: StoreWay, root: KnownRoot): readonly StoreStep[] {
  switch (way.kind) {
    case 'files': {
      const path = `${way.folder}/${rootFileName(root)}${way.extension}`;
      return [{ do: 'write', path, content: root.certificate }];
    }
    case 'nss': {
      const add = [
        'certutil',
        '-A',
        ...nss(way),
        '-t',
        'C,,',
        '-n',
        rootNickname(root),
        '-i',
        certificateArgument,
      ];
      return [
        ...(way.exists
          ? []
          : [
              { do: 'folder', path: way.database } as const,
              run(['certutil', '-N', ...nss(way), '--empty-password']),
            ]),
        run(add, root.certificate),
      ];
    }
    case 'keychain': {
      const add = ['security', 'add-trusted-cert', '-d', '-r', 'trustRoot', '-k', way.keychain];
      return [run([...add, certificateArgument], root.certificate)];
    }
    case 'windows':
      return [run(['certutil', '-user', '-addstore', 'Root', certificateArgument], root.certificate)];
    default:
      return assertNever(way);
  }
}

function removed(way: StoreWay, root: KnownRoot): readonly StoreStep[] {
  switch (way.kind) {
    case 'files': {
      const path = `${way.folder}/${rootFileName(root)}${way.extension}`;
      return [{ do: 'remove', path, withFolder: way.isOwnFolder }];
    }
    case 'nss':
      return [run(['certutil', '-D', ...nss(way), '-n', rootNickname(root)])];
    case 'keychain':
      return [run(['security', 'delete-certificate', '-Z', root.sha1, way.keychain])];
    case 'windows':
      return [run(['certutil', '-user', '-delstore', 'Root', root.sha1])];
    default:
      return assertNever(way);
  }
}

function refreshed(way: StoreWay, because: 'added' | 'removed'): readonly StoreStep[] {
  return way.kind === 'files' && way.refresh !== null ? [run(way.refresh[because])] : [];
}

/** Roots that programs find although no file of them is there any more: the system was not told of its end. */
export function isStale(
  { way, found, trusted }: Pick<RootStore, 'way' | 'found' | 'trusted'>,
  known: readonly KnownRoot[],
): boolean {
  if (way.kind !== 'files' || way.refresh === null) return false;
  return known.some(
    ({ fingerprint }) =>
      trusted?.includes(fingerprint) === true && !found.some((one) => one.fingerprint === fingerprint),
  );
}

/** Puts a root in, then takes out the `old` ones: at no time is there none. */
export function stepsToTrust(
  { way, trusted }: Pick<RootStore, 'way' | 'trusted'>,
  root: KnownRoot,
  old: readonly KnownRoot[],
): readonly StoreStep[] {
  const isThere = trusted?.includes(root.fingerprint) === true;
  if (isThere) return stepsToForget({ way }, old, false);
  const out = old.flatMap((one) => removed(way, one));
  return [...added(way, root), ...out, ...refreshed(way, old.length > 0 ? 'removed' : 'added')];
}

/** `stale`: the system has to be told again, also where no file is left. */
export function stepsToForget(
  { way }: Pick<RootStore, 'way'>,
  roots: readonly KnownRoot[],
  stale: boolean,
): readonly StoreStep[] {
  if (roots.length === 0 && !stale) return [];
  return [...roots.flatMap((root) => removed(way, root)), ...refreshed(way, 'removed')];
}

/** The same steps as a person does them. `file`: where the root lies as PEM. */
export function shellLines(
  steps: readonly StoreStep[],
  { asRoot, file }: { readonly asRoot: boolean; readonly file: string },
): readonly string[] {
  const sudo = asRoot ? ['sudo'] : [];
  const line = (words: readonly string[]): string => [...sudo, ...words].map(shellWord).join(' ');
  return steps.map((step) => {
    switch (step.do) {
      case 'write':
        return line(['install', '-D', '-m', '0644', file, step.path]);
      case 'remove':
        return line(['rm', '-f', step.path]);
      case 'folder':
        return line(['install', '-d', '-m', '0700', step.path]);
      case 'run':
        return line([step.program, ...step.args.map((arg) => (arg === certificateArgument ? file : arg))]);
      default:
        return assertNever(step);
    }
  });
}
