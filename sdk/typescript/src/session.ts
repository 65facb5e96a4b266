/** How does a device stay signed in? Its app keeps the tokens, which are exchanged when the server says so: no clock decides. */

import type { Client } from "@connectrpc/connect";

import { reasonOf, TallystickError } from "./errors.js";
import type { AuthService } from "./gen/tallystick/v1/auth_service_pb.js";
import type { SessionTokens, User } from "./gen/tallystick/v1/identity_pb.js";
import { newId } from "./ids.js";

/** What a signed-in device holds. Plain text, so that it can be kept as JSON. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The request id of an exchange that has no answer yet: with the same one, a lost answer is asked for again. */
  readonly refreshRequestId?: string;
}

/** Where an app keeps the tokens. `save` has kept them when it returns; `undefined` is for whoever signed out. */
export interface TokenStore {
  load(): Tokens | undefined | Promise<Tokens | undefined>;
  save(tokens: Tokens | undefined): void | Promise<void>;
}

/** Who signs in. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** What the user's list of devices calls this one. */
  readonly deviceName?: string;
}

const LOCK = "tallystick:refresh";
const ENDED: ReadonlySet<string | undefined> = new Set(["INVALID_REFRESH_TOKEN", "REFRESH_TOKEN_REUSED"]);

/** Tokens that end with the page or the process. */
export function memoryTokens(): TokenStore {
  let held: Tokens | undefined;
  return {
    load: () => held,
    save: (tokens) => {
      held = tokens;
    },
  };
}

export class Session {
  private refreshing: Promise<string | undefined> | undefined;

  /** `auth` calls without a token of its own, or exchanging an expired one would need one that works. */
  constructor(
    private readonly store: TokenStore,
    private readonly auth: Client<typeof AuthService>,
  ) {}

  async accessToken(): Promise<string | undefined> {
    return (await this.store.load())?.accessToken;
  }

  async signIn({ email, password, deviceName = "" }: Credentials): Promise<User> {
    const { tokens, user } = await this.auth.login({ requestId: newId(), email, password, deviceName });
    await this.store.save(tokensOf(tokens));
    return user as User;
  }

  /** Forgets the tokens also when the server cannot be told. */
  async signOut(): Promise<void> {
    const held = await this.store.load();
    await this.store.save(undefined);
    if (held !== undefined) {
      await this.auth.logout({ requestId: newId() }, { headers: { authorization: `Bearer ${held.accessToken}` } });
    }
  }

  /** Another token than the refused one. However many calls were refused, one of them asks, in one of the browser's tabs. */
  async refresh(refused: string): Promise<string | undefined> {
    this.refreshing ??= alone(() => this.exchange(refused)).finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private async exchange(refused: string): Promise<string | undefined> {
    const held = await this.store.load();
    if (held === undefined || held.accessToken !== refused) {
      return held?.accessToken;
    }
    const requestId = held.refreshRequestId ?? newId();
    await this.store.save({ ...held, refreshRequestId: requestId });
    try {
      const { tokens } = await this.auth.refreshSession({ requestId, refreshToken: held.refreshToken });
      const fresh = tokensOf(tokens);
      await this.store.save(fresh);
      return fresh.accessToken;
    } catch (error) {
      if (ENDED.has(reasonOf(error))) {
        await this.store.save(undefined);
      }
      throw TallystickError.from(error);
    }
  }
}

function tokensOf(tokens: SessionTokens | undefined): Tokens {
  return { accessToken: tokens?.accessToken ?? "", refreshToken: tokens?.refreshToken ?? "" };
}

/** One at a time among the browser's tabs. Elsewhere there are no tabs. */
async function alone<T>(run: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  return locks === undefined ? run() : ((await locks.request(LOCK, run)) as T);
}
