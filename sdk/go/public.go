package tallystick

import v1 "tallystick.dev/go/v1"

// Calls that nobody needs to be signed in for carry no token: one that has ended would only be in their way.
var public = map[string]bool{
	v1.AuthService_Register_FullMethodName:       true,
	v1.AuthService_Login_FullMethodName:          true,
	v1.AuthService_RefreshSession_FullMethodName: true,
	v1.AuthService_ForgotPassword_FullMethodName: true,
	v1.AuthService_ResetPassword_FullMethodName:  true,
	v1.AuthService_VerifyEmail_FullMethodName:    true,
	v1.AuthService_GetSigningKeys_FullMethodName: true,
	v1.StatusService_GetHealth_FullMethodName:    true,
}
