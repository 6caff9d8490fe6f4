import { Param, type PipeTransform } from '@nestjs/common';
import { isVariableName, variableNotFound } from '#libs/workspace-variables';

/** What is not shaped like a name names nothing, so it is not found rather than malformed. */
class VariableNamePipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (isVariableName(text)) return text;
    throw variableNotFound('with this name');
  }
}

/** The `:name` of the path. */
export const VariableName = (): ParameterDecorator => Param('name', new VariableNamePipe());
