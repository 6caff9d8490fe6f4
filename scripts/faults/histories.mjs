const RESULTS = new Set(['NodeSucceeded', 'NodeFailed', 'NodeRetryScheduled']);
const FINAL = new Set(['NodeSucceeded', 'NodeFailed', 'NodeSkipped']);

/**
 * What the log holds of one execution, without the values.
 * @typedef {object} History
 * @property {string} orderId
 * @property {number} version of its last event
 * @property {string | undefined} end the type of its last event, when it is one that ends it
 * @property {string[]} succeeded nodes, each as often as the log says so
 * @property {string[]} wrong
 */

/**
 * Adds a commit to the histories. Commits of one execution come in the order of the log.
 * @param {Map<string, History & {results: Set<string>, final: Set<string>}>} histories by execution id
 * @param {{aggregateId: string, firstVersion: number, events: readonly {type: string, data: any}[]}} commit
 * @param {(type: string) => boolean} ends whether an event of this type ends an execution
 */
export function addCommit(histories, { aggregateId, firstVersion, events }, ends) {
  const history = histories.get(aggregateId) ?? begin(histories, aggregateId, events[0]);
  if (firstVersion !== history.version + 1) history.wrong.push(`version ${firstVersion} follows on ${history.version}`);
  if (history.end) history.wrong.push(`${events[0].type} comes after ${history.end}`);
  for (const { type, data } of events) {
    if (RESULTS.has(type)) once(history, history.results, `${data.nodeId}, attempt ${data.attempt}`);
    if (FINAL.has(type)) once(history, history.final, data.nodeId);
    if (type === 'NodeSucceeded') history.succeeded.push(data.nodeId);
    if (ends(type)) history.end = type;
  }
  history.version = firstVersion + events.length - 1;
}

function begin(histories, id, { type, data }) {
  const history = {
    orderId: data.input?.value?.body?.orderId,
    version: 0,
    end: undefined,
    succeeded: [],
    results: new Set(),
    final: new Set(),
    wrong: type === 'ExecutionStarted' ? [] : [`begins with ${type}`],
  };
  histories.set(id, history);
  return history;
}

function once(history, known, what) {
  if (known.has(what)) history.wrong.push(`two results of ${what}`);
  known.add(what);
}
