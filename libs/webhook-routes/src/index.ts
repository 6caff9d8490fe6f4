export { RouteBucket } from './route-bucket.ts';
export { RouteTable, type RouteTableObserver } from './route-table.ts';
export { isMailRoute, type MailRoute, type Route } from './route.ts';
export { methodsOf, routesOf, type RoutedWorkflow } from './routes-of.ts';
