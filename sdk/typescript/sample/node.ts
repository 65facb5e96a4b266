/**
 * Tells the story in Node, over native gRPC, with a copy in memory:
 *
 *     node node.js http://127.0.0.1:8080 ann@example.com
 */

import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createTallystick } from "@tallystick/client";
import { MemoryStorage } from "@tallystick/client/offline";
import { groups, ledger } from "@tallystick/client/services";

import { tell } from "./story.js";

const [, , baseUrl = "", email = ""] = process.argv;
let isOffline = false;

/** Nobody can pull the plug of a process of their own, so the calls fail before they leave it. */
function unplugged(plain: Transport): Transport {
  const requirePlug = () => {
    if (isOffline) {
      throw new ConnectError("there is no network", Code.Unavailable);
    }
  };
  return {
    unary: async (...call) => (requirePlug(), plain.unary(...call)),
    stream: async (...call) => (requirePlug(), plain.stream(...call)),
  };
}

const transport = unplugged(createGrpcTransport({ baseUrl }));
await tell(
  {
    tallystick: createTallystick({ transport, services: { groups, ledger } }),
    storage: new MemoryStorage(),
    say: (line) => console.log(line),
    setOffline: (value) => {
      isOffline = value;
    },
  },
  email,
);
