/** How many calls does a program in Node make? `node program.js URL TOKEN CALLERS SECONDS` */

import { createGrpcTransport } from "@connectrpc/connect-node";
import { createTallystick } from "@tallystick/client";

const [, , baseUrl = "", token = "", callers = "", seconds = ""] = process.argv;
const { auth } = createTallystick({ transport: createGrpcTransport({ baseUrl }), accessToken: () => token });

await auth.getMe({});
console.log("answered");
const began = performance.now();

async function call(): Promise<number> {
  let count = 0;
  while (performance.now() - began < Number(seconds) * 1000) {
    await auth.getMe({});
    count += 1;
  }
  return count;
}

const counts = await Promise.all(Array.from({ length: Number(callers) }, call));
console.log(counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - began) / 1000));
process.exit();
