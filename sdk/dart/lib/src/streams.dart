// What does a stub return for a stream of answers? One whose failures have reasons, and that is opened once more when it is refused for
// its token.

import 'dart:async';

import 'package:grpc/grpc_or_grpcweb.dart' show GrpcError, ResponseFuture, ResponseStream, StatusCode;

import 'calls.dart';
import 'errors.dart';

const cancelled = TallystickError(code: StatusCode.cancelled, message: 'The call was cancelled.');

final class SignedStream<R> extends StreamView<R> implements ResponseStream<R> {
  SignedStream(this._opening) : super(_opening.answers);

  final Opening<Object?, R> _opening;

  @override
  ResponseFuture<R> get single => RepeatedCall<R>((call) => call.follow(this, super.single));

  @override
  Future<Map<String, String>> get headers => _opening.headers.future;

  @override
  Future<Map<String, String>> get trailers => _opening.trailers.future;

  @override
  Future<void> cancel() => _opening.cancel();
}

/// A stream that is opened when somebody listens.
final class Opening<Q, R> {
  Opening({
    required ResponseStream<R> Function(Stream<Q> requests, String token) open,
    required Stream<Q> requests,
    required bool mayOpenAgain,
    required Future<String> Function() accessToken,
    required Future<String> Function(String rejected) refresh,
  }) : _open = open,
       _requests = requests,
       _mayOpenAgain = mayOpenAgain,
       _accessToken = accessToken,
       _refresh = refresh {
    headers.future.ignore();
    trailers.future.ignore();
    _answers.onListen = () => unawaited(_begin());
    _answers.onPause = () => _listening?.pause();
    _answers.onResume = () => _listening?.resume();
    _answers.onCancel = _stop;
  }

  final ResponseStream<R> Function(Stream<Q> requests, String token) _open;
  final Stream<Q> _requests;
  final bool _mayOpenAgain;
  final Future<String> Function() _accessToken;
  final Future<String> Function(String rejected) _refresh;

  final headers = Completer<Map<String, String>>();
  final trailers = Completer<Map<String, String>>();
  final _answers = StreamController<R>();
  ResponseStream<R>? _current;
  StreamSubscription<R>? _listening;
  bool _hasBegun = false;
  bool _isOver = false;

  Stream<R> get answers => _answers.stream;

  Future<void> cancel() async {
    if (!_isOver) _fail(cancelled, StackTrace.current);
    await _stop();
  }

  Future<void> _begin() async {
    try {
      final token = await _accessToken();
      // A stream of requests gives each of them once.
      final sent = _mayOpenAgain ? await _requests.toList() : null;
      if (_isOver) return;
      _listen(sent == null ? _requests : Stream.fromIterable(sent), token, again: sent);
    } on Object catch (failed, trace) {
      _fail(failed, trace);
    }
  }

  /// Again is what to send when the token is refused; null: nothing.
  void _listen(Stream<Q> requests, String token, {List<Q>? again}) {
    final opened = _open(requests, token);
    _current = opened;
    final listening = opened.listen(
      (answer) {
        _hasBegun = true;
        if (!headers.isCompleted) headers.complete(opened.headers);
        _answers.add(answer);
      },
      onError: (Object failed, StackTrace trace) {
        final told = failed is GrpcError ? errorOf(failed) : failed;
        final isOfToken = told is TallystickError && told.reason == invalidToken;
        // What has begun is gone on with elsewhere.
        if (again != null && isOfToken && !_hasBegun && token.isNotEmpty) {
          unawaited(_listenAgain(again, token));
        } else {
          _fail(told, trace);
        }
      },
      onDone: () {
        if (!headers.isCompleted) headers.complete(opened.headers);
        if (!trailers.isCompleted) trailers.complete(opened.trailers);
        _end();
      },
      cancelOnError: true,
    );
    _listening = listening;
    if (_answers.isPaused) listening.pause();
  }

  Future<void> _listenAgain(List<Q> requests, String rejected) async {
    try {
      final token = await _refresh(rejected);
      if (!_isOver) _listen(Stream.fromIterable(requests), token);
    } on Object catch (failed, trace) {
      _fail(failed, trace);
    }
  }

  void _fail(Object failed, StackTrace trace) {
    if (_isOver) return;
    if (!headers.isCompleted) headers.completeError(failed, trace);
    if (!trailers.isCompleted) trailers.completeError(failed, trace);
    _answers.addError(failed, trace);
    _end();
  }

  void _end() {
    _isOver = true;
    // Done when the last of it is listened to, which is not ours to wait for.
    unawaited(_answers.close());
  }

  Future<void> _stop() async {
    _isOver = true;
    // First nobody listens, so that nobody hears that it was cancelled.
    await _listening?.cancel();
    await _current?.cancel();
    if (!_answers.isClosed) unawaited(_answers.close());
  }
}
