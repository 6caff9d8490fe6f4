// `npm run client`: makes the types of libs/api-client anew, from the document of a Millrace that it starts for that.
import { writeFile } from 'node:fs/promises';
import { AppProcess } from './bench/app-process.mjs';
import { clientSourceOf } from './client/source-of.mjs';

const TARGET = 'libs/api-client/src/schema.ts';

let app;
try {
  await AppProcess.start({ sync: '1m' }, (started) => (app = started));
  const response = await fetch(`${app.url}/openapi.json`);
  const source = await clientSourceOf(await response.json());
  await writeFile(new URL(`../${TARGET}`, import.meta.url), source);
  process.stdout.write(`${TARGET}: ${source.split('\n').length} lines\n`);
} finally {
  await app?.stop({ keep: false });
}
