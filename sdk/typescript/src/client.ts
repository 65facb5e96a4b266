/** How does an app reach a server? Through one object with a typed client for each service. */

import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { AuthService } from "./gen/tallystick/v1/auth_service_pb.js";
import { LedgerService } from "./gen/tallystick/v1/ledger_service_pb.js";
import { SpaceService } from "./gen/tallystick/v1/space_service_pb.js";
import { StatusService } from "./gen/tallystick/v1/status_service_pb.js";
import { type AccessToken, composeTransport } from "./transport.js";

/** Where the server is, and who calls. */
export type TallystickOptions = {
  /** Asked before every call, so that a refreshed token counts at once. Without one the call is made by nobody in particular. */
  accessToken?: AccessToken;
  /** How long a call may take that sets no `timeoutMs` of its own. */
  timeoutMs?: number;
} & (
  | { /** The server's address, such as `https://money.example.com`. */ baseUrl: string; transport?: never }
  | { /** Another way than grpc-web, such as connect-node's `createGrpcTransport`. */ transport: Transport; baseUrl?: never }
);

/** A client for each service. Every failed call throws a `TallystickError`. */
export interface Tallystick {
  /** Signing up, signing in, and what belongs to the user alone. */
  readonly auth: Client<typeof AuthService>;
  /** Who shares a space, and how others come to share it. */
  readonly spaces: Client<typeof SpaceService>;
  /** Books and the money in them. */
  readonly ledger: Client<typeof LedgerService>;
  /** How the server is. */
  readonly status: Client<typeof StatusService>;
}

/** Makes the clients. Nothing is sent before the first call. */
export function createTallystick(options: TallystickOptions): Tallystick {
  const plain = options.transport ?? createGrpcWebTransport({ baseUrl: options.baseUrl });
  const transport = composeTransport(plain, options.accessToken, options.timeoutMs);
  return {
    auth: createClient(AuthService, transport),
    spaces: createClient(SpaceService, transport),
    ledger: createClient(LedgerService, transport),
    status: createClient(StatusService, transport),
  };
}
