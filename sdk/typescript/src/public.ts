/** Which calls carry no token? Those that nobody needs to be signed in for: a token that has ended would only be in their way. */
export const PUBLIC: ReadonlySet<string> = new Set([
  "AuthService/Register",
  "AuthService/Login",
  "AuthService/RefreshSession",
  "AuthService/ForgotPassword",
  "AuthService/ResetPassword",
  "AuthService/VerifyEmail",
  "AuthService/GetSigningKeys",
  "StatusService/GetHealth",
]);
