// What answers in tests? A server in the same process, which says what it is told to.

import 'dart:async';
import 'dart:convert';

import 'package:fixnum/fixnum.dart' show Int64;
import 'package:grpc/grpc.dart' show GrpcError, Server, Service, ServiceCall, ServiceMethod;
import 'package:protobuf/protobuf.dart' show GeneratedMessage;
import 'package:protobuf/well_known_types/google/protobuf/duration.pb.dart' as pb;
import 'package:protobuf/well_known_types/google/protobuf/timestamp.pb.dart' show Timestamp;
import 'package:tallystick/src/gen/google/rpc/error_details.pb.dart' as rpc;
import 'package:tallystick/tallystick.dart' show Client, Retries, TokenStore;
import 'package:tallystick/v1.dart' as v1;
import 'package:test/test.dart' show addTearDown;

/// Quick, but for a machine that is not.
const hasty = Retries(firstWait: Duration(milliseconds: 1), longestWait: Duration(milliseconds: 20));

final class Scripted extends Service {
  Scripted(this._name);

  final String _name;

  @override
  String get $name => 'tallystick.v1.$_name';

  void answer<Q extends GeneratedMessage, R extends GeneratedMessage>(
    String method,
    Q Function(List<int> bytes) read,
    FutureOr<R> Function(ServiceCall call, Q request) answer,
  ) {
    Future<R> handle(ServiceCall call, Future<Q> request) async => answer(call, await request);
    $addMethod(ServiceMethod<Q, R>(method, handle, false, false, read, (R response) => response.writeToBuffer()));
  }

  void stream<Q extends GeneratedMessage, R extends GeneratedMessage>(
    String method,
    Q Function(List<int> bytes) read,
    Stream<R> Function(ServiceCall call, Q request) answer,
  ) {
    Stream<R> handle(ServiceCall call, Future<Q> request) async* {
      yield* answer(call, await request);
    }

    $addMethod(ServiceMethod<Q, R>(method, handle, false, true, read, (R response) => response.writeToBuffer()));
  }
}

/// A client of a server that has these services. Both end with the test.
Future<Client> serve(
  List<Service> services, {
  TokenStore? tokens,
  Duration timeout = const Duration(seconds: 30),
  Retries retries = hasty,
}) async {
  final server = Server.create(services: services);
  await server.serve(address: '127.0.0.1', port: 0);
  final client = Client('127.0.0.1:${server.port}', tokens: tokens, timeout: timeout, retries: retries);
  addTearDown(() async {
    await client.close();
    await server.shutdown();
  });
  return client;
}

v1.SessionTokens tokensNamed(String name, {required DateTime until}) => v1.SessionTokens(
  accessToken: 'access-$name',
  accessExpiresAt: Timestamp(seconds: Int64(until.millisecondsSinceEpoch ~/ 1000)),
  refreshToken: 'refresh-$name',
  sessionId: 'session',
);

String tokenOf(ServiceCall call) => (call.clientMetadata?['authorization'] ?? '').replaceFirst('Bearer ', '');

/// A failure as the server tells it.
GrpcError failure(int code, String reason, {List<String> fields = const [], Duration? retryAfter}) {
  final details = <(String, GeneratedMessage)>[
    ('ErrorInfo', rpc.ErrorInfo(reason: reason, domain: 'tallystick')),
    if (fields.isNotEmpty)
      (
        'BadRequest',
        rpc.BadRequest(
          fieldViolations: [for (final field in fields) rpc.BadRequest_FieldViolation(field_1: field, reason: 'string.uuid')],
        ),
      ),
    if (retryAfter != null)
      ('RetryInfo', rpc.RetryInfo(retryDelay: pb.Duration(nanos: retryAfter.inMicroseconds * 1000))),
  ];
  // A google.rpc.Status, which package:grpc keeps to itself: its code, and each detail in a google.protobuf.Any.
  final status = [
    0x08,
    code,
    for (final (name, detail) in details)
      ..._field(3, [
        ..._field(1, utf8.encode('type.googleapis.com/google.rpc.$name')),
        ..._field(2, detail.writeToBuffer()),
      ]),
  ];
  return GrpcError.custom(code, reason, null, null, {'grpc-status-details-bin': base64Url.encode(status)});
}

/// A field of the wire that has a length.
List<int> _field(int number, List<int> content) => [number << 3 | 2, ..._varint(content.length), ...content];

List<int> _varint(int size) => size < 128 ? [size] : [size & 0x7f | 0x80, ..._varint(size >> 7)];
