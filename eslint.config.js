// What the compiler does not say: no any, type imports, and areas of core that meet only at api.ts.
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/', '.cache/', 'test-results/', 'examples/'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // An array index that was checked a line before is clearer with "!" than with a second check.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Schemas and their types share a name on purpose.
      'no-redeclare': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['webview-ui/**'],
    rules: { 'no-restricted-imports': ['error', { paths: ['vscode', 'zod'], patterns: ['**/src/core/**', '**/src/editor/**'] }] },
  },
  {
    files: ['src/core/**', 'src/contracts/**', 'src/cli/**', 'src/processes/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['vscode', '**/editor/**'] }] },
  },
);
