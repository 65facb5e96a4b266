/** What does a book answer with? */

import type { Account } from "../gen/tallystick/v1/ledger_pb.js";
import type { Money } from "../gen/tallystick/v1/money_pb.js";
import type { Mutation } from "../gen/tallystick/v1/sync_mutation_pb.js";
import type { Rejection } from "../gen/tallystick/v1/sync_pb.js";

/** What a command was called, and what it is about. */
export interface Done {
  readonly requestId: string;
  /** The ids of what it makes or changes, as far as it names them. */
  readonly ids: readonly string[];
}

/** A mutation that was refused. */
export interface Refused {
  readonly requestId: string;
  readonly mutation: Mutation;
  /** Undefined when it was not tried, because of another. */
  readonly rejection: Rejection | undefined;
  /** The request id of that other. Empty when there is none. */
  readonly blockedBy: string;
}

/** Unsent work of a space that the user lost. `body` can be kept elsewhere. */
export interface Draft {
  readonly position: number;
  readonly mutation: Mutation;
  readonly body: Uint8Array;
}

/** What an account holds. */
export interface Balance {
  readonly account: Account;
  readonly balance: Money;
}

export interface OpenOptions {
  /** Whose device it is: what they make private is shown as theirs, and in a group they are the member who pays. */
  readonly userId?: string;
}

/**
 * Whether the copy is what the space holds. `elsewhere`: one of the two has moved on, so they cannot be compared. `forgotten`: the user is
 * not in the space any more.
 */
export type Verdict = "same" | "mismatch" | "elsewhere" | "unknown" | "forgotten";
