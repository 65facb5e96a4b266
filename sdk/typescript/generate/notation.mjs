// How does a file of the contract get into our notation? What that is, src/notation.ts says.

const NAMES = new Map([[1, "double"], [3, "int64"], [5, "int32"], [6, "fixed64"], [8, "bool"], [12, "bytes"], [13, "uint32"]]);
const [TEXT, ENUM, REPEATED] = [9, 14, 3];

/** A FileDescriptorProto as a notation. What cannot be said in it comes out otherwise: the caller compares. */
export function write(file, startOf) {
  const scope = `.${file.package}.`;
  const near = (name) => (name.startsWith(scope) ? name.slice(scope.length) : name);
  return [
    file.name.replace(/\.proto$/, ""),
    ...file.messageType.flatMap((message) => writeMessage(message, "", near)),
    ...file.enumType.map((each) => writeEnum(each, startOf(each.name))),
    ...file.service.map((each) => writeService(each, near)),
  ].join("\n");
}

function writeMessage(message, within, near) {
  const name = within + message.name;
  const maps = message.nestedType.filter((each) => each.options?.mapEntry).map((each) => each.name);
  let last = 0;
  const fields = message.field.map((field) => {
    const number = field.number === last + 1 ? "" : `=${field.number}`;
    last = field.number;
    if (maps.includes(field.typeName.split(".").at(-1))) {
      return `${field.name}:map${number}`;
    }
    return `${field.name}${typeOf(field, near)}${markOf(field, message)}${number}`;
  });
  const nested = message.nestedType.filter((each) => !maps.includes(each.name));
  return [[name, ...fields].join(" "), ...nested.flatMap((each) => writeMessage(each, `${name}.`, near))];
}

function typeOf({ type, typeName }, near) {
  return type === TEXT ? "" : `:${type === ENUM ? "!" : ""}${NAMES.get(type) ?? near(typeName)}`;
}

function markOf(field, message) {
  if (field.proto3Optional) {
    return "?";
  }
  if (field.label === REPEATED) {
    return "*";
  }
  // Inherited from the prototype where it is not set.
  return Object.hasOwn(field, "oneofIndex") ? `/${message.oneofDecl[field.oneofIndex].name}` : "";
}

function writeEnum({ name, value }, start) {
  let last = -1;
  const words = value.map((each) => {
    const number = each.number === last + 1 ? "" : `=${each.number}`;
    last = each.number;
    return each.name.slice(start.length) + number;
  });
  return [`!${name}`, ...words].join(" ");
}

function writeService({ name, method }, near) {
  const words = method.map((each) => {
    const [input, output] = [near(each.inputType), near(each.outputType)];
    const isUsual = input === `${each.name}Request` && output === `${each.name}Response`;
    const types = isUsual ? "" : `(${input})${output}`;
    return `${each.name}${types}${each.clientStreaming ? "<" : ""}${each.serverStreaming ? "*" : ""}`;
  });
  return [`$${name}`, ...words].join(" ");
}
