// Which calls does nobody need to be signed in for? They carry no token: one that has ended would only be in their way.

let publicCalls: Set<String> = [
    "tallystick.v1.AuthService/Register",
    "tallystick.v1.AuthService/Login",
    "tallystick.v1.AuthService/RefreshSession",
    "tallystick.v1.AuthService/ForgotPassword",
    "tallystick.v1.AuthService/ResetPassword",
    "tallystick.v1.AuthService/VerifyEmail",
    "tallystick.v1.AuthService/GetSigningKeys",
    "tallystick.v1.StatusService/GetHealth",
]
