// Entry of a worker thread: one template. It imports nothing through `#libs`, so that it starts from its TypeScript in tests
// and from what was built of it otherwise.
import { Engine } from 'mrml';
import { parentPort } from 'node:worker_threads';

const engine = new Engine();
// No file and no address is opened, whatever a template includes.
engine.setParserOptions({ includeLoader: { type: 'noop' } });
// None of the well-known fonts is fetched by whoever reads a mail, unless its template says so.
engine.setRenderOptions({ disableComments: false, socialIconOrigin: null, fonts: {} });

parentPort?.once('message', (source: string) => parentPort?.postMessage(engine.toHtml(source)));
