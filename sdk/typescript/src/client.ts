/** How does an app reach a server? Through one object with a typed client for each service. */

import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { AuthService } from "./gen/tallystick/v1/auth_service_pb.js";
import { BudgetService } from "./gen/tallystick/v1/budget_service_pb.js";
import { GroupService } from "./gen/tallystick/v1/group_service_pb.js";
import type { User } from "./gen/tallystick/v1/identity_pb.js";
import { LedgerService } from "./gen/tallystick/v1/ledger_service_pb.js";
import { ReportService } from "./gen/tallystick/v1/report_service_pb.js";
import { SettingsService } from "./gen/tallystick/v1/settings_service_pb.js";
import { NotificationService } from "./gen/tallystick/v1/notification_service_pb.js";
import { SpaceService } from "./gen/tallystick/v1/space_service_pb.js";
import { StatusService } from "./gen/tallystick/v1/status_service_pb.js";
import { type Credentials, memoryTokens, Session, type TokenStore } from "./session.js";
import { type AccessToken, composeTransport } from "./transport.js";

/** Where the server is, who calls, and how patiently. */
export type TallystickOptions = {
  /** How long a call may take that sets no `timeoutMs` of its own, repeats included. */
  timeoutMs?: number;
  /** How often a call is tried in all while the server is away or asks to come back. 1: never again. */
  tries?: number;
  /** Where the tokens of whoever signs in are kept. Without one they end with the page. */
  tokens?: TokenStore;
  /** Instead of `tokens`, for apps that sign in by themselves: asked before every call, so that a new token counts at once. */
  accessToken?: AccessToken;
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
  /** What people mean to spend. */
  readonly budgets: Client<typeof BudgetService>;
  /** Groups that share expenses. */
  readonly groups: Client<typeof GroupService>;
  /** What the money in a book comes to. */
  readonly reports: Client<typeof ReportService>;
  /** What the user wants to see, and how. */
  readonly settings: Client<typeof SettingsService>;
  /** What the user should know of. */
  readonly notifications: Client<typeof NotificationService>;
  /** How the server is. */
  readonly status: Client<typeof StatusService>;
  /** What calls go through, for clients of further services. */
  readonly transport: Transport;
  /** Signs in; from now on every call carries a token, and a new one is fetched when it expires. */
  signIn(credentials: Credentials): Promise<User>;
  /** Ends the session, here at once and on the server if it can be reached. */
  signOut(): Promise<void>;
}

/** Makes the clients. Nothing is sent before the first call. */
export function createTallystick(options: TallystickOptions): Tallystick {
  const { timeoutMs, tries } = options;
  const plain = options.transport ?? createGrpcWebTransport({ baseUrl: options.baseUrl });
  const nobody = composeTransport(plain, { accessToken: () => undefined, timeoutMs, tries });
  const session = new Session(options.tokens ?? memoryTokens(), createClient(AuthService, nobody));
  const manner = options.accessToken
    ? { accessToken: options.accessToken }
    : { accessToken: () => session.accessToken(), refresh: (refused: string) => session.refresh(refused) };
  const transport = composeTransport(plain, { ...manner, timeoutMs, tries });
  return {
    auth: createClient(AuthService, transport),
    spaces: createClient(SpaceService, transport),
    ledger: createClient(LedgerService, transport),
    budgets: createClient(BudgetService, transport),
    groups: createClient(GroupService, transport),
    reports: createClient(ReportService, transport),
    settings: createClient(SettingsService, transport),
    notifications: createClient(NotificationService, transport),
    status: createClient(StatusService, transport),
    transport,
    signIn: (credentials) => session.signIn(credentials),
    signOut: () => session.signOut(),
  };
}
