/** Which fields does an update touch, and what are they then? As the server reads masks. */

import { type DescField, type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";

import { copyOf } from "./entities.js";
import { Inapplicable } from "./view.js";

type Fields = Record<string, unknown>;

/** The fields that a mask names. No mask: those of `values` that are not empty. "*": all. */
export function touched(paths: readonly string[], schema: DescMessage, values: Message, changeable: readonly string[]): string[] {
  if (paths.length === 0) {
    return changeable.filter((name) => isFieldSet(values, fieldOf(schema, name)));
  }
  if (paths.length === 1 && paths[0] === "*") {
    return [...changeable];
  }
  if (paths.some((path) => !changeable.includes(path))) {
    throw new Inapplicable("the mask names a field that cannot change");
  }
  return changeable.filter((name) => paths.includes(name));
}

/** `before` with the named fields as `values` has them. */
export function overlay<M extends Message>(
  schema: DescMessage,
  before: M,
  valuesSchema: DescMessage,
  values: Message,
  names: readonly string[],
): M {
  const after = copyOf(schema, before);
  const given = copyOf(valuesSchema, values) as unknown as Fields;
  for (const name of names) {
    const { localName } = fieldOf(schema, name);
    (after as unknown as Fields)[localName] = given[localName];
  }
  return after;
}

function fieldOf(schema: DescMessage, name: string): DescField {
  const field = schema.fields.find((each) => each.name === name);
  if (field === undefined) {
    throw new TypeError(`${schema.typeName} has no field ${name}`);
  }
  return field;
}
