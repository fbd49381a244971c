// Lint rules: strict typed TypeScript, and the import boundaries that docs/architecture.md draws.
import { readdirSync } from 'node:fs';
import boundaries from 'eslint-plugin-boundaries';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** What the core's folders may always use. */
const ground = [
  'model',
  'ports',
  'home-ports',
  'probe-port',
  'stack-ports',
  'access-ports',
  'update-port',
  'backup-ports',
  'errors',
  'log',
];
const adapters = [
  ...['adapter-engine', 'adapter-gitlab', 'adapter-host', 'adapter-store'],
  ...[
    'adapter-compose',
    'adapter-stack',
    'adapter-dns',
    'adapter-trust',
    'adapter-identity',
    'adapter-backup',
  ],
  'adapter-updates',
];
const core = [
  'contract',
  'plan',
  'checks',
  'templates',
  'config',
  'detect',
  'observe',
  'apply',
  'coordinator',
  ...ground,
];

/** The page's features never know each other: what two of them need belongs to state or ui. */
const features = readdirSync(new URL('renderer/features', import.meta.url)).map((name) => `feature-${name}`);
const pageGround = ['page-language', 'page-state', 'page-transports', 'page-client', 'contract', 'model'];

/** Every part of the house: where it is, and what else of the house it may import. */
const house = {
  model: { at: 'main/model', may: [] },
  contract: { at: 'main/contract', may: ['model'] },
  plan: { at: 'main/plan', may: ['model'] },
  checks: { at: 'main/checks', may: ['model'] },
  templates: { at: 'main/templates', may: ['model'] },
  config: { at: 'main/config', may: ground },
  detect: { at: 'main/detect', may: ground },
  observe: { at: 'main/observe', may: ground },
  apply: { at: 'main/apply', may: ground },
  ...Object.fromEntries(
    adapters.map((name) => [
      name,
      { at: `main/adapters/${name.slice('adapter-'.length)}`, may: ['durable', ...ground] },
    ]),
  ),
  coordinator: { at: 'main/coordinator', may: core },
  bootstrap: { at: 'main/bootstrap', may: [] },
  sandbox: { at: 'main/sandbox', may: ['model'] },
  gateway: { at: 'main/gateway', may: ['model'] },
  serve: { at: 'main/serve', may: ['contract', 'index', 'version', ...ground] },
  cli: { at: 'main/cli', may: ['contract', 'index', 'serve', 'version', ...ground] },
  electron: { at: 'electron', may: ['contract', 'home', 'index', 'serve', 'version', ...ground] },
  ...Object.fromEntries(
    features.map((name) => [
      name,
      { at: `renderer/features/${name.slice('feature-'.length)}`, may: ['page-ui', ...pageGround] },
    ]),
  ),
  'page-ui': { at: 'renderer/ui', may: pageGround },
  'page-state': { at: 'renderer/state', may: pageGround },
  'page-transports': {
    at: 'renderer/transports',
    may: ['page-language', 'page-client', 'contract', 'model'],
  },
  'page-client': { at: 'renderer/client.ts', may: ['page-language', 'contract', 'model'] },
  'page-language': { at: 'renderer/language', may: [] },
  renderer: { at: 'renderer', may: [...features, 'page-ui', ...pageGround] },
  tests: { at: 'tests', may: ['*'] },
  ports: { at: 'main/ports.ts', may: ['model', 'home-ports'] },
  'home-ports': { at: 'main/home-ports.ts', may: ['model'] },
  'probe-port': { at: 'main/probe-port.ts', may: ['model'] },
  'stack-ports': { at: 'main/stack-ports.ts', may: ['model'] },
  'access-ports': { at: 'main/access-ports.ts', may: ['model'] },
  'update-port': { at: 'main/update-port.ts', may: ['model'] },
  'backup-ports': { at: 'main/backup-ports.ts', may: ['model'] },
  durable: { at: 'main/durable.ts', may: [] },
  errors: { at: 'main/errors.ts', may: ['model'] },
  log: { at: 'main/log.ts', may: [] },
  version: { at: 'main/version.ts', may: [] },
  home: { at: 'main/home.ts', may: ['adapter-host'] },
  index: { at: 'main/index.ts', may: [...core, ...adapters, 'version'] },
};

const isFile = (name) => house[name].at.endsWith('.ts');
const parts = (files) => Object.entries(house).filter(([name]) => isFile(name) === files);
const selector = (name) => (isFile(name) ? { file: { categories: name } } : { element: { types: name } });

/** Dangerous modules and the one place of each. */
const homes = [
  { modules: ['electron'], folders: ['electron/**', 'tests/e2e/**'] },
  {
    modules: ['dockerode', 'tar-stream'],
    folders: ['main/adapters/engine/**', 'main/adapters/host/**', 'tests/**'],
  },
  { modules: ['ldapts', 'uqr'], folders: ['main/adapters/identity/**', 'tests/**'] },
  { modules: ['@gitbeaker/rest'], folders: ['main/adapters/gitlab/**', 'tests/**'] },
  { modules: ['croner'], folders: ['main/plan/backups/**', 'tests/**'] },
  { modules: ['@scure/bip39'], folders: ['main/adapters/backup/**', 'tests/**'] },
  { modules: ['better-sqlite3', 'libsql'], folders: ['main/adapters/store/**', 'tests/**'] },
];
const outside = [
  'main/adapters/**',
  'main/durable.ts',
  'main/bootstrap/**',
  'main/sandbox/**',
  'main/gateway/**',
  'main/serve/**',
  'main/cli/**',
  'tests/**',
];
const effects = ['node:child_process', 'node:fs', 'node:fs/promises', 'node:net', 'node:http', 'node:https'];
const pure = ['main/model/**', 'main/contract/**', 'main/plan/**', 'main/checks/**', 'main/templates/**'];

const noExports = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  { selector: 'TSEnumDeclaration', message: 'A union of strings instead.' },
];
/** Words between tags and in attributes; names of programs and what is typed stand in elements of their own. */
const noBareTexts = [
  {
    selector: 'JSXElement:not([openingElement.name.name=/^(code|kbd|samp)$/]) > JSXText[value=/\\p{L}{2}/u]',
    message: 'A text of the page goes through t().',
  },
  {
    selector:
      'JSXAttribute[name.name=/^(title|label|aria-label|help|hint|about|words|summary|nothing|alt)$/] > Literal[value=/\\p{L}{2}/u]',
    message: 'A text of the page goes through t().',
  },
];
const noEffects = [
  { selector: "CallExpression[callee.name='fetch']", message: 'The network belongs to an adapter.' },
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'Time comes from the clock port.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Chance comes from the host port.',
  },
];
/** @param closed homes of modules that these files may not use */
const pureRules = (files, closed) => ({
  files: [files],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: closed.flatMap(({ modules, folders }) => restricted(modules, `Only in ${folders[0]}.`)),
        patterns: [{ group: ['node:*'], message: 'This folder is pure.' }],
      },
    ],
  },
});
const restricted = (names, message) => names.map((name) => ({ name, message }));

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'coverage/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { boundaries },
    settings: {
      'boundaries/root-path': import.meta.dirname,
      // By the whole path: tests/unit/electron is no part of electron.
      'boundaries/elements': parts(false).map(([type, { at }]) => ({
        type,
        pattern: `${at}/**`,
        partialMatch: false,
      })),
      'boundaries/files': parts(true).map(([category, { at }]) => ({ category, pattern: at })),
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: Object.entries(house).map(([name, { may }]) => ({
            from: selector(name),
            allow: { to: (may.includes('*') ? Object.keys(house) : [name, ...may]).map(selector) },
          })),
        },
      ],
      'no-restricted-syntax': ['error', ...noExports],
      'no-restricted-imports': [
        'error',
        { paths: homes.flatMap(({ modules, folders }) => restricted(modules, `Only in ${folders[0]}.`)) },
      ],
      'no-console': 'error',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true, IIFEs: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      // Handlers of one map share the form of a promise, whether they wait for something or not.
      '@typescript-eslint/require-await': 'off',
      // Objects here are closures, not classes: their methods do not know `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  ...[...new Set(homes.flatMap(({ folders }) => folders))].map((folder) => ({
    files: [folder],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: homes
            .filter((home) => !home.folders.includes(folder))
            .flatMap(({ modules, folders }) => restricted(modules, `Only in ${folders[0]}.`)),
        },
      ],
    },
  })),
  {
    files: ['main/**'],
    ignores: outside,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            ...homes.flatMap(({ modules, folders }) => restricted(modules, `Only in ${folders[0]}.`)),
            ...restricted(effects, 'Effects belong to adapters.'),
          ],
        },
      ],
      'no-restricted-syntax': ['error', ...noExports, ...noEffects],
    },
  },
  ...pure.map((folder) => pureRules(folder, homes)),
  pureRules(
    'main/plan/backups/**',
    homes.filter(({ modules }) => !modules.includes('croner')),
  ),
  { files: ['main/cli/**', 'main/bootstrap/**', 'main/sandbox/**'], rules: { 'no-console': 'off' } },
  {
    files: ['renderer/**'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.flat.recommended.rules,
      'react-hooks/exhaustive-deps': 'error',
      // It warns of a compiler that does not compile this page.
      'react-hooks/incompatible-library': 'off',
      'no-restricted-syntax': ['error', ...noExports, ...noBareTexts],
    },
  },
  { files: ['tests/**'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['*.ts', 'eslint.config.js'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
