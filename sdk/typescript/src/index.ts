/**
 * What an app needs of Tallystick. The services that it may call are under `@tallystick/client/services`, the messages of the contract under
 * `@tallystick/client/v1/…`, and what works offline under `@tallystick/client/offline`.
 */

export { balancesOf, debtsOf, type OpenBalances, type OpenDebt } from "./balances.js";
export { type Core, createTallystick, type Services, type Tallystick, type TallystickOptions } from "./client.js";
export { type FieldViolation, type Reason, reasonOf, TallystickError } from "./errors.js";
export { newId } from "./ids.js";
export { addMoney, allocate, exponentOf, type MoneyLike, parseMoney, toDecimal } from "./money.js";
export { each } from "./paging.js";
export { type Credentials, memoryTokens, type Tokens, type TokenStore } from "./session.js";
export {
  allocateShares,
  DoesNotAddUp,
  type Line,
  type Parts,
  refundShares,
  SPLIT_RULE_VERSION,
  splitExpense,
  type SplitSpec,
  weightsOf,
} from "./splitting.js";
