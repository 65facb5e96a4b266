/** How does an app reach a server? Through one object with a typed client for each service that it names. */

import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";

import { AuthService } from "./gen/tallystick/v1/auth_service_pb.js";
import type { User } from "./gen/tallystick/v1/identity_pb.js";
import { createGrpcWebTransport } from "./grpc_web.js";
import { type Credentials, memoryTokens, Session, type TokenStore } from "./session.js";
import { type AccessToken, composeTransport } from "./transport.js";

/** Services by the names that an app gives their clients, such as those of `@tallystick/client/services`. */
export type Services = Readonly<Record<string, DescService>>;

/** Where the server is, who calls, and how patiently. */
export type TallystickOptions<S extends Services = Record<never, never>> = {
  /** What the app calls, beside `auth`. It downloads no more than these. */
  services?: S;
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

/** What every app has. Every failed call throws a `TallystickError`. */
export interface Core {
  /** Signing up, signing in, and what belongs to the user alone. */
  readonly auth: Client<typeof AuthService>;
  /** What calls go through, for `createClient` of a service that was not named, and for connect's own tools. */
  readonly transport: Transport;
  /** Signs in; from now on every call carries a token, and a new one is fetched when it expires. */
  signIn(credentials: Credentials): Promise<User>;
  /** Ends the session, here at once and on the server if it can be reached. */
  signOut(): Promise<void>;
}

/** That, and a client for each service that the app has named. */
export type Tallystick<S extends Services = Record<never, never>> = Core & { readonly [Name in Exclude<keyof S, keyof Core>]: Client<S[Name]> };

/** Makes the clients. Nothing is sent before the first call. */
export function createTallystick<S extends Services = Record<never, never>>(options: TallystickOptions<S>): Tallystick<S> {
  const { timeoutMs, tries } = options;
  const plain = options.transport ?? createGrpcWebTransport({ baseUrl: options.baseUrl });
  const nobody = composeTransport(plain, { accessToken: () => undefined, timeoutMs, tries });
  const session = new Session(options.tokens ?? memoryTokens(), createClient(AuthService, nobody));
  const manner = options.accessToken
    ? { accessToken: options.accessToken }
    : { accessToken: () => session.accessToken(), refresh: (refused: string) => session.refresh(refused) };
  const transport = composeTransport(plain, { ...manner, timeoutMs, tries });
  const core: Core = {
    auth: createClient(AuthService, transport),
    transport,
    signIn: (credentials) => session.signIn(credentials),
    signOut: () => session.signOut(),
  };
  const clients = Object.entries<DescService>(options.services ?? {}).map(([name, service]) => [name, createClient(service, transport)] as const);
  return { ...Object.fromEntries(clients), ...core } as Tallystick<S>;
}
