import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, test } from "node:test";

import { Code } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

import { LedgerService } from "../src/gen/tallystick/v1/ledger_service_pb.js";
import { SyncService } from "../src/gen/tallystick/v1/sync_service_pb.js";
import { createTallystick, TallystickError } from "../src/index.js";
import { ledger, sync } from "../src/services.js";
import { failure } from "./server.js";

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => (server.closeAllConnections(), server.close())));

/** A server that is asked over HTTP, as by a browser. */
async function serve(listener: RequestListener) {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return connect((server.address() as AddressInfo).port);
}

function connect(port: number) {
  return createTallystick({ baseUrl: `http://127.0.0.1:${port}/`, services: { ledger, sync }, accessToken: () => "token", tries: 2 });
}

async function failureOf(call: Promise<unknown>): Promise<TallystickError> {
  const failed: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  return failed instanceof TallystickError ? failed : assert.fail(`it was not refused, but: ${failed}`);
}

const routes = connectNodeAdapter({
  grpc: false,
  connect: false,
  routes: ({ service }) => {
    service(LedgerService, {
      createBook: ({ name }, { requestHeader }) => ({ book: { name: `${name} ${requestHeader.get("authorization")}` } }),
      getTransaction: () => {
        throw failure(Code.NotFound, { info: { domain: "tallystick", reason: "NOT_FOUND", metadata: { "what is": "missing – ä" } } });
      },
      listBooks: async (_, { signal }) => {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        return {};
      },
    });
    service(SyncService, {
      async *pull({ spaceId }) {
        yield { cursor: "1" };
        yield { cursor: "2" };
        if (spaceId === "lost") {
          throw failure(Code.NotFound, { info: { domain: "tallystick", reason: "NOT_FOUND" } });
        }
      },
    });
  },
});

test("a call is answered, and carries what it should", async () => {
  const { ledger } = await serve(routes);
  assert.equal((await ledger.createBook({ name: "Home" })).book?.name, "Home Bearer token");
});

test("a refusal says why", async () => {
  const { ledger } = await serve(routes);
  const failed = await failureOf(ledger.getTransaction({}));
  assert.deepEqual([failed.code, failed.reason], [Code.NotFound, "NOT_FOUND"]);
  assert.deepEqual(failed.metadata, { "what is": "missing – ä" });
});

test("a stream comes message by message, and then says how it ended", async () => {
  const { sync } = await serve(routes);
  const cursors: string[] = [];
  for await (const { cursor } of sync.pull({})) {
    cursors.push(cursor);
  }
  const lost = async () => {
    for await (const { cursor } of sync.pull({ spaceId: "lost" })) {
      cursors.push(cursor);
    }
  };
  assert.equal((await failureOf(lost())).reason, "NOT_FOUND");
  assert.deepEqual(cursors, ["1", "2", "1", "2"]);
});

test("a call ends when its time is over, or when it is called off", async () => {
  const { ledger } = await serve(routes);
  assert.equal((await failureOf(ledger.listBooks({}, { timeoutMs: 20 }))).code, Code.DeadlineExceeded);
  const leaving = new AbortController();
  const call = failureOf(ledger.listBooks({}, { signal: leaving.signal }));
  leaving.abort();
  assert.equal((await call).code, Code.Canceled);
});

// One message that is empty, and what nobody says any more.
const EMPTY = Buffer.from([0, 0, 0, 0, 0]);
const GRPC_WEB = { "content-type": "application/grpc-web+proto" };

test("an answer that is cut off is no answer, and is asked for again", async () => {
  let asked = 0;
  const { ledger } = await serve((_, response) => {
    asked += 1;
    response.writeHead(200, GRPC_WEB).end(EMPTY);
  });
  const failed = await failureOf(ledger.createBook({}));
  assert.deepEqual([failed.code, failed.reason, failed.mayRepeat], [Code.Unavailable, undefined, true]);
  assert.equal(asked, 2);
});

test("so is a connection that breaks", async () => {
  let asked = 0;
  const { ledger } = await serve((_, response) => {
    asked += 1;
    response.writeHead(200, GRPC_WEB).write(EMPTY, () => response.destroy());
  });
  assert.equal((await failureOf(ledger.createBook({}))).mayRepeat, true);
  assert.equal(asked, 2);
});

test("a server that is down is a failure without a reason that may be repeated", async () => {
  const { ledger } = await serve(routes);
  await ledger.createBook({});
  const [server] = servers;
  assert.ok(server);
  const { port } = server.address() as AddressInfo;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const failed = await failureOf(connect(port).ledger.createBook({}));
  assert.deepEqual([failed.reason, failed.mayRepeat], [undefined, true]);
});

test("whoever stands before the server is heard, too", async () => {
  const { ledger } = await serve((_, response) => response.writeHead(503).end("later"));
  assert.deepEqual([(await failureOf(ledger.createBook({}))).code], [Code.Unavailable]);
  const headers = { "grpc-status": "8", "grpc-message": "not%20now" };
  const other = await serve((_, response) => response.writeHead(200, { ...GRPC_WEB, ...headers }).end());
  const failed = await failureOf(other.ledger.createBook({}));
  assert.equal(failed.code, Code.ResourceExhausted);
  assert.match(failed.message, /not now/);
});
