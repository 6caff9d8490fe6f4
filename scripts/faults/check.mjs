const TOLD_OF_EACH = 5;

/**
 * Holds what was accepted against what was stored, shown and sent on.
 * @param {object} seen
 * @param {readonly {executionId: string, orderId: string}[]} seen.accepted
 * @param {ReadonlyMap<string, import('./histories.mjs').History>} seen.histories of the log, by execution id
 * @param {ReadonlyMap<string, string>} seen.listed statuses that the API lists, by execution id
 * @param {ReadonlyMap<string, ReadonlySet<string>>} seen.keysOf idempotency keys that came to the sink, by order
 * @param {readonly string[]} seen.deadLetters ids
 * @param {(orderId: string) => readonly string[]} nodesFor the nodes that an execution of the order runs
 * @returns {{title: string, count: number, wrong: string[]}[]}
 */
export function check(seen, nodesFor) {
  const { accepted, histories, listed, keysOf, deadLetters } = seen;
  const all = [...histories];
  const describe = ([id, { orderId }], what) => `${id} (${orderId}): ${what}`;
  const row = (title, things, wrongIn) => ({ title, count: things.length, wrong: things.flatMap(wrongIn) });
  return [
    row('accepted calls are in the log with their order', accepted, ({ executionId, orderId }) => {
      const found = histories.get(executionId);
      if (!found) return [`${executionId} (${orderId}): lost`];
      return found.orderId === orderId ? [] : [`${executionId}: has ${found.orderId} instead of ${orderId}`];
    }),
    row('accepted calls have an execution each', accepted, repeatedIn(accepted.map((one) => one.executionId))),
    row('executions succeeded', all, (one) =>
      one[1].end === 'ExecutionSucceeded' ? [] : [describe(one, one[1].end ?? 'not over')],
    ),
    row('histories have no gap, one result an attempt and one end', all, (one) =>
      one[1].wrong.map((what) => describe(one, what)),
    ),
    row('each of their nodes succeeded once', all, (one) => {
      const ran = [...one[1].succeeded].sort().join(', ');
      return ran === [...nodesFor(one[1].orderId)].sort().join(', ') ? [] : [describe(one, `ran ${ran}`)];
    }),
    row('orders came to the sink', accepted, ({ orderId }) => (keysOf.has(orderId) ? [] : [orderId])),
    row('orders came by one key an execution', [...keysOf], keysBeyond(all)),
    row('executions are listed as the log has them', all, (one) =>
      listed.get(one[0]) === 'succeeded' ? [] : [describe(one, `listed as ${listed.get(one[0]) ?? 'nothing'}`)],
    ),
    row('listed executions are in the log', [...listed.keys()], (id) => (histories.has(id) ? [] : [id])),
    { title: 'dead letters', count: deadLetters.length, wrong: [...deadLetters] },
  ];
}

/** A line for each row, and some of what is wrong with it. */
export function linesOf(rows) {
  return rows.flatMap(({ title, count, wrong }) => [
    `${String(count).padStart(8)}  ${title}${wrong.length === 0 ? '' : `; NOT: ${wrong.length}`}`,
    ...wrong.slice(0, TOLD_OF_EACH).map((what) => `            ${what}`),
  ]);
}

function repeatedIn(ids) {
  const known = new Set();
  return (_, index) => {
    const id = ids[index];
    if (known.has(id)) return [`${id} was given twice`];
    known.add(id);
    return [];
  };
}

/** An execution keeps to its key however often its attempt is made. */
function keysBeyond(histories) {
  const executions = new Map();
  for (const [, { orderId }] of histories) executions.set(orderId, (executions.get(orderId) ?? 0) + 1);
  return ([orderId, keys]) => {
    const most = executions.get(orderId) ?? 0;
    return keys.size <= most ? [] : [`${orderId}: ${keys.size} keys of ${most} executions`];
  };
}
