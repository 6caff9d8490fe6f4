export { VariableBucket } from './variable-bucket.ts';
export {
  isVariableName,
  VARIABLE_LIMITS,
  VARIABLE_NAME,
  variableNotFound,
  type Variable,
  type VariableChange,
  type Variables,
} from './variable.ts';
export { WorkspaceVariables } from './workspace-variables.ts';
