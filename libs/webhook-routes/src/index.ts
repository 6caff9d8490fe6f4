export { RouteBucket } from './route-bucket.ts';
export { RouteTable, type RouteTableObserver } from './route-table.ts';
export {
  isInboxRoute,
  isMailRoute,
  isSourceRoute,
  type InboxRoute,
  type MailRoute,
  type Route,
  type SourceRoute,
} from './route.ts';
export { methodsOf, routesOf, type RoutedWorkflow } from './routes-of.ts';
