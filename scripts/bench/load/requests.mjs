const ORDER_DIGITS = 9;
const BODY_BYTES = 300;

/**
 * The text of a request up to its body; it never changes as long as the body's length does not.
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {{method?: string, bodyBytes: number}} shape
 */
export function headOf(url, headers, { method = 'POST', bodyBytes }) {
  const { host, pathname, search } = new URL(url);
  const content = { 'content-type': 'application/json', 'content-length': String(bodyBytes) };
  const lines = Object.entries({ host, ...(method !== 'GET' && content), ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/**
 * Makes calls of a webhook with an order of 300 bytes; only its number differs.
 * @param {string} url
 * @returns {(number: number) => string}
 */
export function orderRequests(url) {
  const order = {
    orderId: '#'.repeat(ORDER_DIGITS + 2),
    amount: 250.5,
    currency: 'EUR',
    customer: { id: 'c-1077', name: 'Ada Example', city: 'Vienna' },
    items: [
      { sku: 'A-100', quantity: 2, price: 75.25 },
      { sku: 'B-200', quantity: 1, price: 100 },
    ],
    note: '',
  };
  order.note = 'x'.repeat(BODY_BYTES - JSON.stringify(order).length);
  const [before, after] = JSON.stringify(order).split(order.orderId);
  const start = `${headOf(url, {}, { bodyBytes: BODY_BYTES })}${before}o-`;
  return (number) => start + String(number).padStart(ORDER_DIGITS, '0') + after;
}

/** The number of the order in what the workflow posts, `{"id": "o-000000001", …}`; 0 when there is none. */
export function orderNumberIn(body) {
  const start = body.indexOf('"o-');
  return start < 0 ? 0 : Number(body.slice(start + 3, start + 3 + ORDER_DIGITS));
}
