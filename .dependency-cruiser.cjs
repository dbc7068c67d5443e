/** The arrows between the layers (see docs/explanation/architecture.md). @type {import('dependency-cruiser').IConfiguration} */
const production = { pathNot: '\\.test\\.ts$' };
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domain-imports-only-domain',
      severity: 'error',
      from: { path: '^src/domain', ...production },
      to: { pathNot: '^src/domain' },
    },
    {
      name: 'application-imports-domain-and-rxjs',
      severity: 'error',
      from: { path: '^src/application', ...production },
      to: { pathNot: '^src/(domain|application)|node_modules/rxjs' },
    },
    {
      name: 'infrastructure-not-interfaces',
      severity: 'error',
      from: { path: '^src/infrastructure' },
      to: { path: '^src/(interfaces|composition-root)' },
    },
    {
      name: 'interfaces-not-infrastructure',
      severity: 'error',
      from: { path: '^src/interfaces', ...production },
      to: { path: '^src/infrastructure' },
    },
    {
      name: 'inversify-in-the-root-only',
      severity: 'error',
      from: { pathNot: '^src/composition-root\\.ts$' },
      to: { path: 'node_modules/inversify' },
    },
    {
      name: 'not-to-dev-dependencies',
      severity: 'error',
      from: { path: '^src', ...production },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
