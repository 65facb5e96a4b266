// What does the generator of protobuf-es lack? A small form for what the runtime has to know of each file: base64 of what protoc wrote is
// most of what a browser would download. This runs it, and puts our notation in that place. buf runs this.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { CodeGeneratorResponseSchema, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { build } from "esbuild";

import { write } from "./notation.mjs";

const GENERATOR = new URL("../node_modules/.bin/protoc-gen-es", import.meta.url);
const READER = new URL("../src/notation.ts", import.meta.url);
const FILE = /fileDesc\("([^"]*)"/;
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
  requireSame(name, proto, readNotation(notation, []));
  const top = "../".repeat(name.split("/").length);
  return content
    .replace(FILE, () => `fileDesc(\`\n${notation}\n\``)
    .replace(IMPORTED, (_, names) => {
      const others = names.split(", ").filter((each) => each !== "fileDesc");
      return `import { ${others.join(", ")} } from "@bufbuild/protobuf/codegenv2";\nimport { fileDesc } from "${top}notation.js";`;
    });
}

/** What only the compiler has to know may be missing, and nothing else. */
function requireSame(name, wanted, found) {
  const strip = (message) => {
    message.reservedRange = [];
    message.reservedName = [];
    message.field.forEach((field) => (field.jsonName = ""));
    message.nestedType.forEach(strip);
  };
  for (const file of [wanted, found]) {
    file.dependency = [];
    file.options = undefined;
    file.messageType.forEach(strip);
  }
  const [one, other] = [wanted, found].map((file) => Buffer.from(toBinary(FileDescriptorProtoSchema, file)));
  if (!one.equals(other)) {
    throw new Error(`${name} says something that our notation cannot say yet: teach src/notation.ts and generate/notation.mjs`);
  }
}

const request = readFileSync(0);
const made = spawnSync(fileURLToPath(GENERATOR), { input: request, maxBuffer: 2 ** 28, stdio: ["pipe", "pipe", "inherit"] });
const response = fromBinary(CodeGeneratorResponseSchema, made.stdout);
const reader = await loadReader();
for (const file of response.file) {
  file.content = rewrite(file.name, file.content, reader);
}
process.stdout.write(toBinary(CodeGeneratorResponseSchema, response));
