// Renders one mail of an order again and again: with a text part made of its HTML, and with one of its own.
import { compileTemplate, renderTemplate } from '../../../dist/libs/email-templates/src/index.js';

const column = (inner) => `<mj-section><mj-column>${inner}</mj-column></mj-section>`;
const rows = '{% for item in order.items %}<tr><td>{{ item.name }}</td><td>{{ item.price }}</td></tr>{% endfor %}';
const source = `<mjml><mj-head><mj-title>Order {{ order.no }}</mj-title></mj-head><mj-body>
${column('<mj-image src="https://example.com/logo.png" alt="Logo" />')}
${column('<mj-text>Dear {{ customer.name }}, your order of {{ order.at | date: "%-d %B %Y" }} is on its way.</mj-text>')}
{% if order.gift %}${column('<mj-text>{{ order.gift }}</mj-text>')}{% endif %}
${column(`<mj-table><tr><th>Item</th><th>Price</th></tr>${rows}</mj-table><mj-button href="{{ order.url }}">See it</mj-button>`)}
</mj-body></mjml>`;
const text = 'Dear {{ customer.name }}, {% for item in order.items %}{{ item.name }}: {{ item.price }}\n{% endfor %}';
const items = Array.from({ length: 10 }, (_, index) => ({ name: `Item ${index}`, price: index }));
const order = { no: 7, at: '2026-11-29T12:00:00Z', gift: null, url: 'https://example.com/orders/7', items };
const data = { customer: { name: 'Ann' }, order };

export async function measureTemplates({ mails }) {
  const template = { subject: 'Order {{ order.no }}', format: 'mjml', source };
  const startedAt = performance.now();
  const fromHtml = await compileTemplate(template);
  const compileMs = Math.round(performance.now() - startedAt);
  const withText = await compileTemplate({ ...template, text });
  return {
    settings: { mails, htmlBytes: fromHtml.html.length },
    compileMs,
    textFromHtml: measure(fromHtml, mails),
    textOfItsOwn: measure(withText, mails),
  };
}

function measure(compiled, count) {
  const render = () => renderTemplate(compiled, data, { missing: 'refuse' });
  for (let warmUp = 0; warmUp < 500; warmUp++) render();
  globalThis.gc?.();
  const heapBefore = process.memoryUsage().heapUsed;
  const startedAt = performance.now();
  for (let rendered = 0; rendered < count; rendered++) render();
  const seconds = (performance.now() - startedAt) / 1000;
  globalThis.gc?.();
  return {
    rendersPerSecond: Math.round(count / seconds),
    // Of worth with --expose-gc alone.
    heapGrowthKiB: globalThis.gc ? Math.round((process.memoryUsage().heapUsed - heapBefore) / 1024) : undefined,
  };
}
