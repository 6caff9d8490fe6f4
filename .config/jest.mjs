import { resolve } from 'node:path';

// Absolute: jest resolves a project's relative root against the root of the whole, not against this file.
const root = resolve(import.meta.dirname, '..');
const base = {
  rootDir: root,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['millrace-src', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2024',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.millrace/', '<rootDir>/.cache/'],
};
const servers = {
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};

/** @type {import('jest').Config} */
export default {
  rootDir: root,
  reporters: ['default', '<rootDir>/.config/closing-line.mjs'],
  testTimeout: 60_000,
  // Much of a run is waiting for servers. More than two would wait for each other on the two cores of CI.
  maxWorkers: 2,
  // A process keeps the modules of every test file it ran (jestjs/jest#14605); with all files in one, its heap ends.
  workerIdleMemoryLimit: '1.5GB',
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/{src,libs,scripts}/**/*.spec.ts'] },
    { ...base, ...servers, displayName: 'integration', testMatch: ['<rootDir>/{src,libs,test}/**/*.int-spec.ts'] },
    { ...base, ...servers, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'] },
    { ...base, ...servers, displayName: 'mail-servers', testMatch: ['<rootDir>/test/mail-servers/*.spec.ts'] },
  ],
};
