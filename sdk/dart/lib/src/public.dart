// Which calls are made differently from all others?

/// Calls that nobody needs to be signed in for carry no token: one that has ended would only be in their way.
const publicCalls = {
  '/tallystick.v1.AuthService/Register',
  '/tallystick.v1.AuthService/Login',
  '/tallystick.v1.AuthService/RefreshSession',
  '/tallystick.v1.AuthService/ForgotPassword',
  '/tallystick.v1.AuthService/ResetPassword',
  '/tallystick.v1.AuthService/VerifyEmail',
  '/tallystick.v1.AuthService/GetSigningKeys',
  '/tallystick.v1.StatusService/GetHealth',
};

/// Calls whose requests are a stream: what it gave once it may not give again. A browser cannot make them.
const uploads = {'/tallystick.v1.FileService/Upload'};
