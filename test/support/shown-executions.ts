import type { Api, Execution } from './api.ts';
import { until } from './until.ts';

interface Projections {
  readonly items: readonly { readonly name: string; readonly lag: { readonly events: number } }[];
}

/**
 * All executions of a workflow as soon as there are so many or more, and the list holds whatever the log does: none that
 * began before is still missing.
 */
export async function shownExecutions(api: Api, workflowId: string, count: number): Promise<readonly Execution[]> {
  const listed = async (): Promise<readonly Execution[]> => {
    const { body } = await api.send('GET', `/v1/executions?workflowId=${workflowId}&limit=200`);
    return (body as { items: Execution[] }).items;
  };
  await until(`there are ${count} executions`, async () => ((await listed()).length >= count ? true : undefined));
  await until('the list is level with the log', async () => {
    const { items } = (await api.send('GET', '/v1/projections')).body as Projections;
    return items.find(({ name }) => name === 'executions')?.lag.events === 0 ? true : undefined;
  });
  return listed();
}
