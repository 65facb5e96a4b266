// What does the generator of protobuf-es lack? Smallness: an app would download what protoc wrote about each file in base64, every enum
// besides, and what it takes to read descriptors at all. This runs it, and puts into each file our notation instead, enums that are made of
// that and only if somebody uses them, and our own Timestamp, Duration and FieldMask. buf runs this.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { CodeGeneratorResponseSchema, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { build } from "esbuild";

import { write } from "./notation.mjs";

const GENERATOR = new URL("../node_modules/.bin/protoc-gen-es", import.meta.url);
const READER = new URL("../src/notation.ts", import.meta.url);
const FILE = /fileDesc\("([^"]*)"/;
const ENUM = /^(\/\*\*\n(?: \*.*\n)+)export enum (\w+) \{$/gm;
const ENUM_SCHEMA = /^export const (\w+)Schema: GenEnum<\1> = [^;]*;$/gm;
const WELL_KNOWN = /^(import \{ file_google_protobuf_.* \} from) "@bufbuild\/protobuf\/wkt";$/gm;
const IMPORTED = /^import \{ (.*\bfileDesc\b.*) \} from "@bufbuild\/protobuf\/codegenv2";$/m;

/** The reader, as apps have it. */
async function loadReader() {
  const options = { entryPoints: [fileURLToPath(READER)], bundle: true, write: false, format: "esm", platform: "node" };
  const [file] = (await build(options)).outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(file.contents).toString("base64")}`);
}

function rewrite(name, content, { readNotation, startOf }) {
  const embedded = FILE.exec(content)?.[1];
  if (embedded === undefined || !IMPORTED.test(content)) {
    throw new Error(`${name} is not written as it used to be: look at what protoc-gen-es makes now`);
  }
  const proto = fromBinary(FileDescriptorProtoSchema, base64Decode(embedded));
  const notation = write(proto, startOf);
  const { $typeName: _, ...read } = readNotation(notation, []);
  requireSame(name, proto, create(FileDescriptorProtoSchema, read));
  const docs = new Map([...content.matchAll(ENUM)].map(([, doc, each]) => [each, doc]));
  const top = "../".repeat(name.split("/").length);
  return content
    .replace(FILE, () => `fileDesc(\`\n${notation}\n\``)
    .replace(IMPORTED, (_, names) => {
      const others = names.split(", ").filter((each) => each !== "fileDesc");
      const wanted = docs.size === 0 ? others : [...others, "tsEnum"];
      return `import { ${wanted.join(", ")} } from "@bufbuild/protobuf/codegenv2";\nimport { fileDesc } from "${top}notation.js";`;
    })
    .replace(WELL_KNOWN, `$1 "${top}well_known.js";`)
    .replace(ENUM, "$1export declare enum $2Values {")
    .replace(ENUM_SCHEMA, (schema, each) => {
      const value = `export const ${each} = /*@__PURE__*/ tsEnum(${each}Schema) as unknown as typeof ${each}Values;`;
      return `${schema}\n\n${docs.get(each)}${value}\nexport type ${each} = ${each}Values;`;
    });
}

/** What only the compiler has to know may be missing, and nothing else. */
function requireSame(name, wanted, found) {
  const strip = (message) => {
    message.reservedRange = [];
    message.reservedName = [];
    message.nestedType.forEach(strip);
  };
  // Those that follow from the name of a field are not among what is wanted.
  const stripNames = (message) => {
    message.field.forEach((field) => delete field.jsonName);
    message.nestedType.forEach(stripNames);
  };
  wanted.dependency = [];
  wanted.options = undefined;
  wanted.messageType.forEach(strip);
  found.messageType.forEach(stripNames);
  const [one, other] = [wanted, found].map((file) => Buffer.from(toBinary(FileDescriptorProtoSchema, file)));
  if (!one.equals(other)) {
    throw new Error(`${name} says something that our notation cannot say yet: teach src/notation.ts and generate/notation.mjs`);
  }
}

const request = readFileSync(0);
const made = spawnSync(fileURLToPath(GENERATOR), { input: request, maxBuffer: 2 ** 28, stdio: ["pipe", "pipe", "inherit"] });
if (made.status !== 0) {
  process.exit(made.status ?? 1);
}
const response = fromBinary(CodeGeneratorResponseSchema, made.stdout);
const reader = await loadReader();
for (const file of response.file) {
  file.content = rewrite(file.name, file.content, reader);
}
process.stdout.write(toBinary(CodeGeneratorResponseSchema, response));
