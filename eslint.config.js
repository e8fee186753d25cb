// Lint rules, among them the walls of the house: which room may import which (README "The house").
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/** A wall: imports that match one of the patterns are refused, with the reason. */
const wall = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });
const deny = (regex, message) => ({ regex, message });

const purePackages = '@noble/|cborg$|canonicalize$|valibot$|minisearch/';
const onlyPure = deny(`^(?!\\.|${purePackages})`, 'worker/core imports only itself and pure libraries.');
const staysInCore = deny('^(\\.\\./){2,}', 'worker/core imports only worker/core.');
const atTheTop = deny('^\\.\\./', 'worker/core imports only worker/core.');
const machines = ['link', 'gossip', 'sync', 'cas', 'graph', 'access'];

export default ts.config(
  { ignores: ['dist', 'dist-server', 'node_modules', 'test-results', 'test/vectors', '.thicket'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        project: [
          // Tests import nearly all there is: one program for most files. The others come for what is left.
          'test/tsconfig.json',
          'tsconfig.json',
          'worker/tsconfig.json',
          'worker/core/tsconfig.json',
          'worker/signal/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Ports and machines are closures whose methods know no `this`; the few classes are never taken apart.
      '@typescript-eslint/unbound-method': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
      // A fifth of all that linting took, for what is not here: enums, stores of Svelte, and classes without private
      // members, which alone would let a plain object stand for them.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'svelte/require-store-reactive-access': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { globals: globals.browser, parserOptions: { parser: ts.parser } },
  },
  {
    // The linter sees components' props as any; svelte-check types them.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['src/**'],
    rules: wall(
      deny('worker/(?!rpc/)', 'src talks to the worker through worker/rpc only.'),
      deny(
        '^(simple-peer|ws|idb)',
        'Only src/links/channel.ts imports simple-peer; storage and sockets live in the worker.',
      ),
    ),
  },
  {
    files: ['src/links/channel.ts'],
    rules: wall(deny('worker/(?!rpc/)', 'src talks to the worker through worker/rpc only.')),
  },
  {
    files: ['worker/core/**/*.ts'],
    rules: wall(onlyPure, staysInCore),
  },
  {
    files: ['worker/core/*.ts'],
    rules: wall(onlyPure, atTheTop),
  },
  ...machines.map((machine) => ({
    files: [`worker/core/${machine}/**/*.ts`],
    rules: wall(
      onlyPure,
      staysInCore,
      deny(
        `^\\.\\./(${machines.filter((other) => other !== machine).join('|')})/`,
        'Machines never import each other; node.ts composes them.',
      ),
      deny('/(node|assemble)(\\.ts)?$', 'Machines do not know node.ts.'),
    ),
  })),
  {
    files: ['worker/core/model/**/*.ts', 'worker/core/wire/**/*.ts'],
    rules: wall(
      onlyPure,
      staysInCore,
      deny(`^\\.\\./(${machines.join('|')})/`, 'model and wire know no machine.'),
    ),
  },
  {
    files: ['worker/adapters/**/*.ts'],
    rules: wall(
      deny(
        `core/(${machines.filter((m) => m !== 'cas').join('|')})/`,
        'Adapters know core/ports, model and wire, never a machine.',
      ),
      deny('core/(node|assemble)', 'Adapters do not know the node.'),
    ),
  },
  { files: ['test/**', 'worker/signal/**', '*.config.*'], languageOptions: { globals: globals.node } },
  { files: ['**/*.js'], ...ts.configs.disableTypeChecked },
);
