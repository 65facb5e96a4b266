/** What an app needs of Tallystick. The messages of the contract are under `@tallystick/client/v1/…`. */

export { createTallystick, type Tallystick, type TallystickOptions } from "./client.js";
export { type FieldViolation, type Reason, reasonOf, TallystickError } from "./errors.js";
export { newId } from "./ids.js";
export { exponentOf, type MoneyLike, parseMoney, toDecimal } from "./money.js";
