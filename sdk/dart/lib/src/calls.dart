// What is the same for every call? It carries the caller's token, ends in time, is repeated where that is safe, and fails with a reason.

import 'dart:async';

import 'package:grpc/grpc_or_grpcweb.dart' show CallOptions, GrpcError, Response, ResponseFuture, ResponseStream, StatusCode;
import 'package:grpc/service_api.dart' show ClientInterceptor, ClientMethod, ClientStreamingInvoker, ClientUnaryInvoker;
import 'package:protobuf/protobuf.dart' show GeneratedMessage, GeneratedMessageGenericExtensions;

import 'errors.dart';
import 'public.dart';
import 'retries.dart';
import 'streams.dart';

const _authorization = 'authorization';

/// Where tokens come from.
abstract interface class Caller {
  /// The token to call with; empty for nobody.
  Future<String> accessToken();

  /// Another token than this one.
  Future<String> refresh(String rejected);
}

CallOptions signed(CallOptions options, String token) =>
    token.isEmpty ? options : options.mergedWith(CallOptions(metadata: {_authorization: 'Bearer $token'}));

/// Stands between stubs and the wire.
final class Calls extends ClientInterceptor {
  Calls(this._caller, this._retries, this._timeout);

  final Caller _caller;
  final Retries _retries;
  final Duration _timeout;

  /// Makes a call with the very same message each time, and so the same request id: however often it arrives, it is done once.
  @override
  ResponseFuture<R> interceptUnary<Q, R>(
    ClientMethod<Q, R> method,
    Q request,
    CallOptions options,
    ClientUnaryInvoker<Q, R> invoker,
  ) {
    final same = _copyOf(request);
    final timeout = options.timeout ?? _timeout;
    return RepeatedCall<R>((call) {
      Future<R> once(CallOptions own) async {
        if (call.isCancelled) throw cancelled;
        final begun = invoker(method, same, own);
        try {
          return await call.follow(begun, begun);
        } on GrpcError catch (failed) {
          throw errorOf(failed);
        }
      }

      return _retries
          .run(timeout, (left) => _signed(method.path, options.mergedWith(CallOptions(timeout: left)), once))
          // Waiting for a token counts too, and package:grpc knows nothing of it.
          .timeout(timeout, onTimeout: () => throw _tookTooLong(timeout));
    });
  }

  /// A stream has no time limit of ours, and is repeated only by whoever knows where to go on from.
  @override
  ResponseStream<R> interceptStreaming<Q, R>(
    ClientMethod<Q, R> method,
    Stream<Q> requests,
    CallOptions options,
    ClientStreamingInvoker<Q, R> invoker,
  ) {
    final isOurs = !_isSignedOtherwise(method.path, options);
    return SignedStream<R>(
      Opening<Q, R>(
        open: (requests, token) => invoker(method, requests, signed(options, token)),
        requests: requests,
        mayOpenAgain: isOurs && !uploads.contains(method.path),
        accessToken: () async => isOurs ? await _caller.accessToken() : '',
        refresh: _caller.refresh,
      ),
    );
  }

  Future<R> _signed<R>(String path, CallOptions options, Future<R> Function(CallOptions own) once) async {
    if (_isSignedOtherwise(path, options)) return once(options);
    final token = await _caller.accessToken();
    try {
      return await once(signed(options, token));
    } on TallystickError catch (failed) {
      if (token.isEmpty || failed.reason != invalidToken) rethrow;
    }
    return once(signed(options, await _caller.refresh(token)));
  }

  bool _isSignedOtherwise(String path, CallOptions options) =>
      publicCalls.contains(path) || options.metadata.keys.any((name) => name.toLowerCase() == _authorization);
}

/// What an app does with its message afterwards is no part of the call.
Q _copyOf<Q>(Q request) {
  final Object? message = request;
  return message is GeneratedMessage ? message.deepCopy() as Q : request;
}

TallystickError _tookTooLong(Duration timeout) =>
    TallystickError(code: StatusCode.deadlineExceeded, message: 'no answer within $timeout');

/// What a stub returns for a call that is perhaps made several times.
final class RepeatedCall<R> implements ResponseFuture<R> {
  RepeatedCall(Future<R> Function(RepeatedCall<R> call) make) {
    // Who never asks for them is told of the failure by the answer.
    _headers.future.ignore();
    _trailers.future.ignore();
    _answer = _tell(make);
  }

  late final Future<R> _answer;
  final _headers = Completer<Map<String, String>>();
  final _trailers = Completer<Map<String, String>>();
  Response? _current;
  bool _isCancelled = false;

  bool get isCancelled => _isCancelled;

  /// Waits for an attempt's answer.
  Future<R> follow(Response response, Future<R> answer) async {
    _current = response;
    final value = await answer;
    _headers.complete(response.headers);
    _trailers.complete(response.trailers);
    return value;
  }

  Future<R> _tell(Future<R> Function(RepeatedCall<R> call) make) async {
    try {
      return await make(this);
    } on Object catch (failed, trace) {
      if (!_headers.isCompleted) _headers.completeError(failed, trace);
      if (!_trailers.isCompleted) _trailers.completeError(failed, trace);
      rethrow;
    }
  }

  @override
  Future<Map<String, String>> get headers => _headers.future;

  @override
  Future<Map<String, String>> get trailers => _trailers.future;

  @override
  Future<void> cancel() async {
    _isCancelled = true;
    await _current?.cancel();
  }

  @override
  Stream<R> asStream() => _answer.asStream();

  @override
  Future<R> catchError(Function onError, {bool Function(Object error)? test}) => _answer.catchError(onError, test: test);

  @override
  Future<S> then<S>(FutureOr<S> Function(R value) onValue, {Function? onError}) => _answer.then(onValue, onError: onError);

  @override
  Future<R> timeout(Duration timeLimit, {FutureOr<R> Function()? onTimeout}) =>
      _answer.timeout(timeLimit, onTimeout: onTimeout);

  @override
  Future<R> whenComplete(FutureOr<void> Function() action) => _answer.whenComplete(action);
}
