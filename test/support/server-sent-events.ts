export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** The events of an answer as they come; comments and other fields are left out. */
export async function* eventsIn({ body }: Response): AsyncGenerator<ServerSentEvent> {
  let text = '';
  for await (const chunk of (body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream())) {
    const blocks = `${text}${chunk}`.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/, 2))) as ServerSentEvent;
      if (fields.data !== undefined) yield { id: fields.id, event: fields.event, data: fields.data };
    }
  }
}

/** The events that are left, when the stream has ended. */
export async function allOf(events: AsyncIterable<ServerSentEvent>): Promise<ServerSentEvent[]> {
  const all: ServerSentEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
