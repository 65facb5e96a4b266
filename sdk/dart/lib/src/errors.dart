// Why did a call fail? Its code says what family of failures it is of, and its reason which one.

import 'package:grpc/grpc_or_grpcweb.dart' show GrpcError, StatusCode;
import 'package:grpc/protos.dart' show BadRequest, ErrorInfo, RetryInfo;

import 'gen/google/rpc/error_details.pb.dart' as whole;

const _domain = 'tallystick';

/// The server does not take this token, or not any more.
const invalidToken = 'INVALID_TOKEN';

/// A call that failed. Branch on its code and its reason: messages may change.
///
///     invalidArgument     the request breaks a rule: violations names the fields
///     unauthenticated     nobody is signed in, or not with this
///     permissionDenied    the caller's role is too low
///     notFound            it is not there, or was never the caller's to see
///     alreadyExists       the id is taken
///     failedPrecondition  the state of things does not allow it
///     aborted             it was changed meanwhile
///     resourceExhausted   too much or too often: retryAfter may say until when
///     unavailable         nobody answers: the same call may be repeated
///     deadlineExceeded    no answer in time: the same call may be repeated
///     internal            a fault of the server
final class TallystickError implements Exception {
  const TallystickError({
    required this.code,
    this.reason = '',
    this.message = '',
    this.metadata = const {},
    this.violations = const [],
    this.retryAfter,
  });

  /// The family of failures: one of [StatusCode].
  final int code;

  /// Why, as `ErrorReason` of the contract names it without its prefix: `NOT_FOUND`. Empty when no server of ours said it.
  final String reason;

  /// What is wrong, for developers.
  final String message;

  /// Facts beside the reason.
  final Map<String, String> metadata;

  /// Which fields break the contract, when some do.
  final List<Violation> violations;

  /// How long to wait before the next try. Null: the server does not say.
  final Duration? retryAfter;

  /// Whether the same call, with the same request id, may succeed later: nobody knows yet whether it happened.
  bool get mayRepeat => code == StatusCode.unavailable || code == StatusCode.deadlineExceeded || retryAfter != null;

  @override
  String toString() => '${reason.isEmpty ? StatusCode.name(code) : reason}: $message';
}

/// A field that breaks the contract.
final class Violation {
  const Violation({required this.field, required this.rule, required this.description});

  /// The path of the field in the request, such as `amount.minor`.
  final String field;

  /// The rule it breaks, such as `string.uuid`.
  final String rule;

  /// What is wrong, for developers.
  final String description;
}

/// Reads a failed call.
TallystickError errorOf(GrpcError failed) {
  var reason = '';
  var metadata = const <String, String>{};
  final violations = <Violation>[];
  Duration? retryAfter;
  for (final detail in failed.details ?? const []) {
    if (detail is ErrorInfo && detail.domain == _domain) {
      reason = detail.reason;
      metadata = Map.unmodifiable(detail.metadata);
    } else if (detail is BadRequest) {
      // As package:grpc knows this message it has no reasons: they are among what it kept without knowing it.
      for (final broken in whole.BadRequest.fromBuffer(detail.writeToBuffer()).fieldViolations) {
        violations.add(Violation(field: broken.field_1, rule: broken.reason, description: broken.description));
      }
    } else if (detail is RetryInfo) {
      final delay = detail.retryDelay;
      retryAfter = Duration(seconds: delay.seconds.toInt(), microseconds: delay.nanos ~/ 1000);
    }
  }
  return TallystickError(
    code: _isNobodys(failed) ? StatusCode.unavailable : failed.code,
    reason: reason,
    message: failed.message ?? '',
    metadata: metadata,
    violations: List.unmodifiable(violations),
    retryAfter: retryAfter,
  );
}

/// Whether no server has answered. Of lost connections, and of a browser's requests that got nowhere, package:grpc says that it does not
/// know what went wrong. When a server says so, there are details, if only none.
bool _isNobodys(GrpcError failed) => failed.code == StatusCode.unknown && failed.details == null;

/// What the server would say to whoever calls without a token.
const notSignedIn = TallystickError(
  code: StatusCode.unauthenticated,
  reason: 'NOT_SIGNED_IN',
  message: 'Nobody is signed in.',
);
