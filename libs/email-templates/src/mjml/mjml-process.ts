// Entry of a process: one template. It imports nothing through `#libs`, so that it starts from its TypeScript in tests and
// from what was built of it otherwise.
import { Engine } from 'mrml';

export interface MjmlRequest {
  readonly source: string;
}

const engine = new Engine();
// No file and no address is opened, whatever a template includes.
engine.setParserOptions({ includeLoader: { type: 'noop' } });
// None of the well-known fonts is fetched by whoever reads a mail, unless its template says so.
engine.setRenderOptions({ disableComments: false, socialIconOrigin: null, fonts: {} });

process.once('message', ({ source }: MjmlRequest) => process.send?.(engine.toHtml(source)));
