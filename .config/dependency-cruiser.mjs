import { PURE } from './layers.mjs';

const pure = `^libs/(${PURE.join('|')})/`;
/** A connector is a library in the folder of all of them. */
const library = 'libs/(?:connectors/(?!src/)[^/]+|[^/]+)';
const anyPure = `^libs/(${PURE.join('|')})/src/`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-imports-pure',
      comment:
        'A pure library decides; it may import other pure libraries and pure packages, nothing of node or of ours that does I/O.',
      severity: 'error',
      from: { path: pure, pathNot: ['\\.spec\\.ts$', '/testing/'] },
      to: { pathNot: [anyPure, '^node_modules/(zod|@marcbachmann/cel-js|re2js|luxon|croner)/'] },
    },
    {
      name: 'libs-know-no-edge',
      severity: 'error',
      from: { path: '^libs/', pathNot: '-spec\\.ts$' },
      to: { path: ['^src/', '^test/', '^node_modules/@nestjs/'] },
    },
    {
      name: 'one-door-a-library',
      comment: 'Import #libs/<name> (or its /testing door), never a file inside it.',
      severity: 'error',
      from: { path: '^(src|test|migrations)/' },
      to: { path: '^libs/', pathNot: `^${library}/src/(index|testing/index)\\.ts$` },
    },
    {
      name: 'one-door-between-libraries',
      severity: 'error',
      from: { path: `^(${library})/` },
      to: { path: '^libs/', pathNot: ['^$1/', `^${library}/src/(index|testing/index)\\.ts$`] },
    },
    {
      name: 'testing-doors-are-for-tests',
      severity: 'error',
      from: { path: '^(src|libs|migrations)/', pathNot: ['\\.(spec|int-spec)\\.ts$', '/testing/'] },
      to: { path: '/testing/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared',
      comment: 'What is imported is listed in package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'test/tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['millrace-src', 'import', 'node', 'types', 'default'],
    },
  },
};
