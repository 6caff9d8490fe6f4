// Types: the whole tree first (sources, specs and tests), then each pure library alone against a world without node,
// timers, fetch or decorators, so that the compiler proves what house rules call purity.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PURE } from '../.config/layers.mjs';

function tsc(label, project) {
  const run = spawnSync('node', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', project], { stdio: 'inherit' });
  if (run.status !== 0) {
    process.stderr.write(`types: ${label} failed\n`);
    process.exit(1);
  }
}

tsc('the tree', 'test/tsconfig.json');
const home = mkdtempSync(join(tmpdir(), 'millrace-types-'));
try {
  // One program for all pure libraries: they may import each other and nothing else (boundaries checks that).
  const project = join(home, 'tsconfig.json');
  const include = PURE.filter((name) => readdirSync('libs').includes(name)).map((name) => resolve('libs', name, 'src'));
  const exclude = include.flatMap((dir) => [`${dir}/**/*.spec.ts`, `${dir}/testing`]);
  writeFileSync(
    project,
    JSON.stringify({
      extends: resolve('libs/tsconfig.pure.json'),
      compilerOptions: { rootDir: resolve('.'), typeRoots: [] },
      include,
      exclude,
    }),
  );
  tsc('pure libraries', project);
} finally {
  rmSync(home, { recursive: true, force: true });
}
