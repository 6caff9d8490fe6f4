const PAUSE_MS = 2_000;
/** Of so many orders one waits for two seconds on its way. */
const PATIENT_EVERY = 20;
/** Of so many orders one is answered 503 when it first comes to the sink. */
const UNLUCKY_EVERY = 50;

/** The workflow that all calls start: every order gets to the sink, some of them after a pause. */
export function ordersPostingTo(sinkUrl) {
  return {
    name: 'Orders under faults',
    nodes: [
      { id: 'order', type: 'trigger.webhook', config: { method: 'POST' } },
      { id: 'patient', type: 'if', config: { condition: '{{ trigger.body.patient }}' } },
      { id: 'pause', type: 'wait.delay', config: { delayMs: PAUSE_MS } },
      { id: 'shape', type: 'set', config: { values: { id: '{{ trigger.body.orderId }}' } } },
      {
        id: 'notify',
        type: 'http.request',
        config: { method: 'POST', url: sinkUrl, json: '{{ nodes.shape.output }}' },
        retry: { maxAttempts: 5, backoff: 'exponential', initialMs: 500, maxMs: 5_000, jitter: true },
        timeoutMs: 10_000,
      },
    ],
    connections: [
      { from: 'order', to: 'patient' },
      { from: 'patient', output: 'true', to: 'pause' },
      { from: 'patient', output: 'false', to: 'shape' },
      { from: 'pause', to: 'shape' },
      { from: 'shape', to: 'notify' },
    ],
  };
}

/** The nodes that an execution of this order runs. */
export function nodesFor(orderId) {
  const always = ['patient', 'shape', 'notify'];
  return isPatient(numberOf(orderId)) ? [...always, 'pause'] : always;
}

/** @param {number} number from 1 */
export function orderOf(number) {
  return { orderId: `o-${String(number).padStart(6, '0')}`, patient: isPatient(number) };
}

/** Whether the sink refuses the order once. */
export function isUnlucky(orderId) {
  return numberOf(orderId) % UNLUCKY_EVERY === 7;
}

function isPatient(number) {
  return number % PATIENT_EVERY === 0;
}

function numberOf(orderId) {
  return Number(orderId.slice(2));
}
