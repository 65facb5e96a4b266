/**
 * How does the runtime know of the contract, at a fraction of the size? What protoc writes about a file, in base64, is most of what a browser
 * would download. So generated files say it in this notation, which is little more than names, and compresses well:
 *
 *     tallystick/v1/example
 *     Expense id amount:Money tags* line:int32? at:.google.protobuf.Timestamp kind:!Kind
 *     Result done:Expense/outcome refused/outcome=7 facts:map
 *     Result.Detail text
 *     !Kind UNSPECIFIED CASH=3
 *     $ExampleService Record List(Query)Page Watch*
 *
 * The file. A message, and its fields: text unless they say otherwise, repeated (`*`), optional (`?`) or one of several (`/`), numbered from
 * 1 on unless they say otherwise. A message inside of another. An enum (`!`): its values without what they all begin with, numbered from 0
 * on. A service (`$`): its methods, with `RecordRequest` and `RecordResponse` unless they say otherwise, and whether answers (`*`) or
 * requests (`<`) are a stream. `map` is of texts to texts. A name that begins with a dot is of another package.
 *
 * generate/protoc-gen-tallystick.mjs writes it, and makes sure that what is read here is what protoc wrote.
 */

import { createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import type { GenFile } from "@bufbuild/protobuf/codegenv2";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";

// What protobuf-es reads of the messages that protoc describes files with. They are plain objects: to make messages of them would bring all
// that it takes to read descriptors.
interface Field {
  name: string;
  number: number;
  jsonName: string;
  label: number;
  type: number;
  typeName?: string;
  oneofIndex?: number;
  proto3Optional?: boolean;
}
interface Described {
  name: string;
  field: Field[];
  nestedType: Described[];
  enumType: [];
  extension: [];
  oneofDecl: { name: string }[];
  options?: { mapEntry: boolean };
}
interface Enum {
  name: string;
  value: { name: string; number: number }[];
}
interface Method {
  name: string;
  inputType: string;
  outputType: string;
  clientStreaming?: boolean;
  serverStreaming?: boolean;
}

/** The numbers that protoc gives to types. Those of messages and enums have names of their own. */
const TYPES: Readonly<Record<string, number>> = { double: 1, int64: 3, int32: 5, fixed64: 6, bool: 8, bytes: 12, uint32: 13 };
const TEXT = 9;
const MESSAGE = 11;
const ENUM = 14;
const [SINGLE, REPEATED] = [1, 3];

const FIELD = /^(\w+)(?::(!?)([\w.]+))?(?:(\*|\?)|\/(\w+))?(?:=(\d+))?$/;
const METHOD = /^(\w+)(?:\(([\w.]+)\)([\w.]+))?(<?)(\*?)$/;

/** The file that a notation is of. Generated code calls it as it would call the one of protobuf-es. */
export function fileDesc(notation: string, imports: DescFile[] = []): GenFile {
  const proto = readNotation(notation, imports);
  const registry = createFileRegistry(proto, (name) => imports.find((each) => each.proto.name === name));
  return registry.getFile(proto.name) as GenFile;
}

/** What protoc wrote. */
export function readNotation(notation: string, imports: readonly DescFile[]): FileDescriptorProto {
  const [path = "", ...lines] = notation.trim().split("\n");
  const scope = path.slice(0, path.lastIndexOf("/")).replaceAll("/", ".");
  const file = {
    $typeName: "google.protobuf.FileDescriptorProto",
    name: `${path}.proto`,
    package: scope,
    syntax: "proto3",
    dependency: imports.map((each) => each.proto.name),
    extension: [],
    messageType: [] as Described[],
    enumType: [] as Enum[],
    service: [] as { name: string; method: Method[] }[],
  };
  for (const line of lines) {
    const [head = "", ...words] = line.split(" ");
    if (head.startsWith("!")) {
      file.enumType.push(readEnum(head.slice(1), words));
    } else if (head.startsWith("$")) {
      file.service.push({ name: head.slice(1), method: words.map((word) => readMethod(word, scope)) });
    } else {
      const within = head.split(".");
      const name = within.pop() ?? "";
      const holder = within.reduce((list, each) => list.find((message) => message.name === each)?.nestedType ?? [], file.messageType);
      holder.push(readMessage(name, words, scope, `.${scope}.${head}`));
    }
  }
  return file as unknown as FileDescriptorProto;
}

function readMessage(name: string, words: string[], scope: string, typeName: string): Described {
  const message: Described = { name, field: [], nestedType: [], enumType: [], extension: [], oneofDecl: [] };
  const alone: Field[] = [];
  let last = 0;
  for (const word of words) {
    const [, own = "", isEnum = "", type, mark, oneof, number] = FIELD.exec(word) ?? [];
    last = number ? Number(number) : last + 1;
    const label = mark === "*" ? REPEATED : SINGLE;
    const field: Field = { name: own, number: last, jsonName: camelCase(own), label, ...typeOf(isEnum, type, scope) };
    message.field.push(field);
    if (type === "map") {
      const entry = `${camelCase(`_${own}`)}Entry`;
      Object.assign(field, { label: REPEATED, type: MESSAGE, typeName: `${typeName}.${entry}` });
      message.nestedType.push({ ...readMessage(entry, ["key", "value"], scope, ""), options: { mapEntry: true } });
    }
    if (oneof !== undefined) {
      const found = message.oneofDecl.findIndex((each) => each.name === oneof);
      field.oneofIndex = found < 0 ? message.oneofDecl.push({ name: oneof }) - 1 : found;
    }
    if (mark === "?") {
      alone.push(field);
    }
  }
  // As protoc does it: a field that is optional is the only one of its group, and such groups come last.
  for (const field of alone) {
    Object.assign(field, { proto3Optional: true, oneofIndex: message.oneofDecl.push({ name: `_${field.name}` }) - 1 });
  }
  return message;
}

function camelCase(name: string): string {
  return name.replace(/_+(.)/g, (_, letter: string) => letter.toUpperCase());
}

function typeOf(isEnum: string, type: string | undefined, scope: string): { type: number; typeName?: string } {
  const scalar = type === undefined ? TEXT : TYPES[type];
  return scalar === undefined ? { type: isEnum ? ENUM : MESSAGE, typeName: absolute(type ?? "", scope) } : { type: scalar };
}

function absolute(name: string, scope: string): string {
  return name.startsWith(".") ? name : `.${scope}.${name}`;
}

function readEnum(name: string, words: string[]): Enum {
  const start = startOf(name);
  let last = -1;
  const value = words.map((word) => {
    const [own = "", number] = word.split("=");
    last = number ? Number(number) : last + 1;
    return { name: start + own, number: last };
  });
  return { name, value };
}

/** What the values of an enum begin with: ACCOUNT_TYPE_ for AccountType. */
export function startOf(enumName: string): string {
  return `${enumName.replace(/\B[A-Z]/g, "_$&").toUpperCase()}_`;
}

function readMethod(word: string, scope: string): Method {
  const [, name = "", input, output, up, down] = METHOD.exec(word) ?? [];
  return {
    name,
    inputType: absolute(input ?? `${name}Request`, scope),
    outputType: absolute(output ?? `${name}Response`, scope),
    ...(up && { clientStreaming: true }),
    ...(down && { serverStreaming: true }),
  };
}
