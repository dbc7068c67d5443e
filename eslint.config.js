import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', '.stryker-tmp', 'dist', 'coverage', 'test/fixtures'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['scripts/**', 'test/**'], rules: { 'no-console': 'off' } },
  // CommonJS, see there.
  { files: ['bin/**'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
