import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const TENSORFLOW = ['@tensorflow/*'];
const WIRE = ['@grpc/*', 'bullmq', 'ioredis'];
/** Functions of `Math` whose results the language leaves to the engine. */
const UNEQUALLY_ROUNDED = [
  ...['acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp'],
  ...['expm1', 'hypot', 'log', 'log10', 'log1p', 'log2', 'pow', 'sin', 'sinh', 'tan', 'tanh'],
];
const EQUALLY = 'JavaScript engines round it differently: use + − × ÷ √, see initial-weights.ts';
/** What decides bits uses operations that every JavaScript engine rounds equally. */
const ROUNDING = {
  properties: UNEQUALLY_ROUNDED.map((property) => ({ object: 'Math', property, message: EQUALLY })),
  syntax: [
    { selector: "BinaryExpression[operator='**']:not([left.type='Literal'])", message: EQUALLY },
  ],
};

const MEASURE = 'a wall clock may be set at any time: measure durations with Clock.monotonicNow';
const WALL_CLOCK = {
  properties: [{ object: 'Date', property: 'now', message: MEASURE }],
  syntax: [
    "NewExpression[callee.name='Date'][arguments.length=0]",
    "MemberExpression[object.name='clock'][property.name='now']",
    "MemberExpression[object.property.name=/clock$/][property.name='now']",
  ].map((selector) => ({ selector, message: MEASURE })),
};
const refuse = (...kinds) => ({
  'no-restricted-properties': ['error', ...kinds.flatMap(({ properties }) => properties)],
  'no-restricted-syntax': ['error', ...kinds.flatMap(({ syntax }) => syntax)],
});

/** A package may import the packages named here and no others; what it may not import from outside is listed. */
const rules = (name, packages, bannedExternalImports = []) => ({
  sourceTag: `package:${name}`,
  onlyDependOnLibsWithTags: packages.map((other) => `package:${other}`),
  bannedExternalImports,
});

const LIBRARIES = [
  'core',
  'data',
  'engine',
  'export',
  'protocol',
  'queue',
  'redis',
  'runtime',
  'security',
  'store',
  'tracing',
  'tracking',
];

const depConstraints = [
  rules('core', [], [...TENSORFLOW, ...WIRE]),
  rules('user-modules', ['core'], [...TENSORFLOW, ...WIRE]),
  // Of runtime only the cache of downloads.
  rules('data', ['core', 'runtime', 'user-modules'], [...TENSORFLOW, ...WIRE]),
  // A model file may import what its data module exports.
  rules('model', ['core', 'data', 'user-modules'], WIRE),
  rules('optim', ['core'], WIRE),
  rules('protocol', ['core', 'security'], [...TENSORFLOW, 'bullmq', 'ioredis']),
  rules('store', ['core', 'data'], [...TENSORFLOW, ...WIRE]),
  rules('security', ['core'], [...TENSORFLOW, ...WIRE]),
  rules('redis', ['core'], [...TENSORFLOW, '@grpc/*', 'bullmq']),
  rules('queue', ['core', 'redis'], [...TENSORFLOW, '@grpc/*']),
  rules('proxy', ['core'], [...TENSORFLOW, ...WIRE]),
  rules('tracing', ['proxy'], [...TENSORFLOW, ...WIRE]),
  rules('tracking', ['core', 'proxy'], [...TENSORFLOW, ...WIRE]),
  rules('runtime', ['core', 'redis'], ['@grpc/*', 'bullmq']),
  // Of runtime only the cache, for a consumer of a format in tests.
  rules('export', ['core', 'runtime'], WIRE),
  rules('engine', ['core', 'data', 'export', 'model', 'optim', 'runtime'], WIRE),
  // Of engine only its types: the coordinator passes the engine that the API reads. Of model only the registries.
  rules(
    'observe',
    ['core', 'data', 'engine', 'model', 'protocol', 'queue', 'runtime', 'security', 'store'],
    [...TENSORFLOW, ...WIRE],
  ),
  // Of model only the registries of losses and metrics, which load no TensorFlow.
  rules('coordinator', [...LIBRARIES, 'model', 'observe', 'optim'], TENSORFLOW),
  rules('worker', LIBRARIES, TENSORFLOW),
  // Runs the real coordinator and the real worker over ports in memory; nothing imports it.
  rules('simulation', [...LIBRARIES, 'optim', 'coordinator', 'worker'], TENSORFLOW),
  // A page knows the coordinator by its HTTP API alone.
  rules('dashboard', [], [...TENSORFLOW, ...WIRE, 'node:*']),
  rules('cli', [...LIBRARIES, 'coordinator', 'model', 'observe', 'optim', 'worker'], TENSORFLOW),
  // Starts the command by its file: a program must not load a coordinator.
  rules('lockstep', ['core', 'model'], [...TENSORFLOW, ...WIRE]),
  rules('deploy', ['cli', 'runtime'], []),
  rules('e2e', [...LIBRARIES, 'coordinator', 'cli']),
];

/**
 * Where the wall clock is right: time stamps for users, and the validity of certificates, tokens and sessions.
 * gRPC and BullMQ take deadlines and delays as dates.
 */
const MAY_READ_WALL_CLOCK = [
  'libs/core/src/clock.ts',
  'libs/store/src/{run-lock,lock-watch}.ts',
  'libs/observe/src/{auth/login-routes,auth/sessions,auth/ended-sessions,events/event-streams}.ts',
  'libs/observe/src/{server/observe-server,run-list/stored-run,write-openapi}.ts',
  'libs/protocol/src/{protocol-client,upload}.ts',
  'libs/queue/src/bull-consumer.ts',
  'libs/security/src/tls-files.ts',
  'libs/tracking/src/{mlflow/mlflow-tracker,tensorboard/tensorboard-tracker}.ts',
  'apps/cli/src/{certs/make-cluster,commands/token}.ts',
  'apps/coordinator/src/{access/open-access,timeline/timelines}.ts',
  'apps/coordinator/src/{coordinator,run/assemble-run,run/prepare-run}.ts',
  'apps/worker/src/worker.ts',
  'libs/simulation/src/sim-coordinator.ts',
  'apps/dashboard/src/data/store.ts',
];
export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/generated/**',
      '**/.nx/**',
      '**/.lockstep/**',
      '**/lockstep/package/**',
    ],
  },
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
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      // Ports are records of functions (`readonly stop: () => void`); a method needs its object.
      '@typescript-eslint/unbound-method': ['error', { ignoreStatic: true }],
    },
  },
  {
    // They share the repository's test configuration, which belongs to no package.
    files: ['**/*.config.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    // Registry entries receive TensorFlow as an argument: their schemas are read without loading it.
    files: ['libs/optim/src/**/*.ts', 'libs/model/src/{kernels,layers,losses,metrics}/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@tensorflow/*'], allowTypeImports: true }] },
      ],
    },
  },
  {
    files: ['{apps,libs}/*/src/**/*.{ts,tsx}'],
    ignores: ['**/*.spec.ts', '**/testing/**', 'apps/e2e/**', ...MAY_READ_WALL_CLOCK],
    rules: refuse(WALL_CLOCK),
  },
  {
    files: ['libs/{core,data,model,optim}/src/**/*.ts'],
    ignores: ['**/*.spec.ts', ...MAY_READ_WALL_CLOCK],
    rules: refuse(WALL_CLOCK, ROUNDING),
  },
  {
    files: ['**/*.spec.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // `expect(port.method)` reads a method without calling it; nothing of this is shipped.
    files: ['**/*.spec.ts', '**/*.contract.ts', '**/testing/**', '{apps/e2e,bench}/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    extends: [js.configs.recommended],
    languageOptions: { globals: globals.node },
    rules: {
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Measures the inside of packages, which export none of it.
    files: ['bench/**'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
);
