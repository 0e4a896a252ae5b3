import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const TENSORFLOW = ['@tensorflow/*'];
const WIRE = ['@grpc/*', 'bullmq', 'ioredis'];

/** A room may import the rooms named here and no others; what it may not import from outside is listed. */
const room = (name, rooms, bannedExternalImports = []) => ({
  sourceTag: `room:${name}`,
  onlyDependOnLibsWithTags: rooms.map((other) => `room:${other}`),
  bannedExternalImports,
});

const LIBRARIES = [
  'core',
  'data',
  'engine',
  'protocol',
  'queue',
  'redis',
  'runtime',
  'security',
  'tracing',
  'tracking',
];

const depConstraints = [
  room('core', [], [...TENSORFLOW, ...WIRE]),
  room('data', ['core'], [...TENSORFLOW, ...WIRE]),
  room('model', ['core'], WIRE),
  room('optim', ['core'], WIRE),
  room('protocol', ['core'], [...TENSORFLOW, 'bullmq', 'ioredis']),
  room('security', ['core'], [...TENSORFLOW, ...WIRE]),
  room('redis', ['core'], [...TENSORFLOW, '@grpc/*', 'bullmq']),
  room('queue', ['core', 'redis'], [...TENSORFLOW, '@grpc/*']),
  room('proxy', ['core'], [...TENSORFLOW, ...WIRE]),
  room('tracing', ['proxy'], [...TENSORFLOW, ...WIRE]),
  room('tracking', ['core', 'proxy'], [...TENSORFLOW, ...WIRE]),
  room('runtime', ['core', 'redis'], ['@grpc/*', 'bullmq']),
  room('engine', ['core', 'data', 'model', 'optim', 'runtime'], WIRE),
  // Of optim only what needs no TensorFlow, which a thread of its own has.
  room('coordinator', [...LIBRARIES, 'optim'], TENSORFLOW),
  room('worker', LIBRARIES, TENSORFLOW),
  // A page knows the coordinator by its HTTP API alone.
  room('dashboard', [], [...TENSORFLOW, ...WIRE, 'node:*']),
  room('cli', [...LIBRARIES, 'coordinator', 'worker'], TENSORFLOW),
  room('deploy', ['cli', 'runtime'], []),
  room(
    'e2e',
    [
      ...['core', 'protocol', 'queue', 'redis', 'runtime', 'security', 'tracing', 'tracking'],
      ...['coordinator', 'cli'],
    ],
    [],
  ),
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/generated/**', '**/.nx/**', '**/.lockstep/**', '**/*.config.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.mts', '**/*.tsx'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      // A factory holds a part's state and all its short functions: the bound is for the part.
      'max-lines-per-function': ['error', { max: 100, skipBlankLines: true, skipComments: true }],
      // Ports are records of closures here, none of which has a `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.spec.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
);
