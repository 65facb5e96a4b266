// Who calls? Whoever signed in, with a token that is renewed before and when it stops working, once for all who ask.

import 'dart:async' show unawaited;

import 'package:grpc/grpc_or_grpcweb.dart' show CallOptions, GrpcError, StatusCode;

import 'calls.dart';
import 'errors.dart';
import 'gen/tallystick/v1/auth_service.pbgrpc.dart';
import 'gen/tallystick/v1/identity.pb.dart';
import 'ids.dart';
import 'retries.dart';
import 'tokens.dart';

/// A token that is this near to its end is renewed before it is used.
const _marginSeconds = 30;

final class Session implements Caller {
  Session(this._store, this._auth, this._retries, this._timeout, {DateTime Function() now = DateTime.now}) : _now = now;

  final TokenStore _store;

  /// Without interceptors: renewing a token must not need one that works.
  final AuthServiceClient _auth;
  final Retries _retries;
  final Duration _timeout;
  final DateTime Function() _now;

  Future<void>? _loading;
  Tokens _tokens = const Tokens();

  /// In seconds since 1970. Null: only the server's word counts.
  int? _renewAt;

  /// The renewals that are under way, by the token that they replace.
  final _flights = <String, Future<String>>{};

  Future<Tokens> current() async {
    await _ready();
    return _tokens;
  }

  Future<LoginResponse> signIn(String email, String password, String deviceName) async {
    await _ready();
    return _store.turn(() async {
      final known = await _store.load();
      final request = LoginRequest(
        requestId: newId(),
        email: email,
        password: password,
        deviceName: deviceName,
        deviceToken: known.deviceToken,
      );
      final answer = await _call((options) => _auth.login(request, options: options));
      final deviceToken = answer.deviceToken.isEmpty ? known.deviceToken : answer.deviceToken;
      await _keep(_fresh(answer.tokens, userId: answer.user.id, deviceToken: deviceToken));
      return answer;
    });
  }

  Future<void> signOut() async {
    await _ready();
    await _store.turn(() async {
      final tokens = await _store.load();
      if (tokens.accessToken.isNotEmpty) {
        final request = LogoutRequest(requestId: newId());
        try {
          await _call((options) => _auth.logout(request, options: signed(options, tokens.accessToken)));
        } on TallystickError catch (failed) {
          // It may have ended before.
          if (failed.code != StatusCode.unauthenticated) rethrow;
        }
      }
      await _keep(Tokens(deviceToken: tokens.deviceToken));
    });
  }

  @override
  Future<String> accessToken() async {
    await _ready();
    final tokens = _tokens;
    final renewAt = _renewAt;
    if (tokens.refreshToken.isEmpty || renewAt == null || _nowSeconds() < renewAt) return tokens.accessToken;
    try {
      return await refresh(tokens.accessToken);
    } on TallystickError catch (failed) {
      if (failed.code != StatusCode.unavailable && failed.code != StatusCode.deadlineExceeded) rethrow;
      // The old one may still do.
      return tokens.accessToken;
    }
  }

  @override
  Future<String> refresh(String rejected) async {
    await _ready();
    if (_isAnother(_tokens, rejected)) return _tokens.accessToken;
    return await (_flights[rejected] ??= _fly(rejected));
  }

  /// A renewal goes on when those who wait for it give up: an answer that nobody reads would end the session.
  Future<String> _fly(String rejected) async {
    // It is among the flights before it can end.
    await Future<void>.value();
    try {
      return await _store.turn(() => _renew(rejected));
    } finally {
      unawaited(_flights.remove(rejected));
    }
  }

  Future<String> _renew(String rejected) async {
    final tokens = await _store.load();
    if (_isAnother(tokens, rejected)) {
      _adoptFresh(tokens);
      return tokens.accessToken;
    }
    if (tokens.refreshToken.isEmpty) throw notSignedIn;
    return _exchange(tokens);
  }

  Future<String> _exchange(Tokens tokens) async {
    var requestId = tokens.refreshRequestId;
    if (requestId.isEmpty) {
      requestId = newId();
      // Kept before it is sent: the answer may be lost with this process.
      await _store.save(Tokens.fromJson({...tokens.toJson(), 'refresh_request_id': requestId}));
    }
    final request = RefreshSessionRequest(requestId: requestId, refreshToken: tokens.refreshToken);
    final RefreshSessionResponse answer;
    try {
      answer = await _call((options) => _auth.refreshSession(request, options: options));
    } on TallystickError catch (failed) {
      if (_hasEnded(failed)) await _keep(Tokens(deviceToken: tokens.deviceToken));
      rethrow;
    }
    await _keep(_fresh(answer.tokens, userId: tokens.userId, deviceToken: tokens.deviceToken));
    return answer.tokens.accessToken;
  }

  /// Whether the session is over, or the answer came too late to be asked for again. Only a server of ours knows.
  bool _hasEnded(TallystickError failed) =>
      failed.reason.isNotEmpty && (failed.code == StatusCode.unauthenticated || failed.code == StatusCode.failedPrecondition);

  Future<A> _call<A>(Future<A> Function(CallOptions options) call) => _retries.run(_timeout, (left) async {
    try {
      return await call(CallOptions(timeout: left));
    } on GrpcError catch (failed) {
      throw errorOf(failed);
    }
  });

  Future<void> _ready() async {
    final loading = _loading ??= _load();
    try {
      await loading;
    } on Object {
      // The next call looks again.
      if (identical(_loading, loading)) _loading = null;
      rethrow;
    }
  }

  Future<void> _load() async {
    final tokens = await _store.load();
    _tokens = tokens;
    _renewAt = tokens.accessExpiresAt - _marginSeconds;
  }

  Future<void> _keep(Tokens tokens) async {
    await _store.save(tokens);
    _adoptFresh(tokens);
  }

  /// Takes tokens that have just been made. By a clock that is far ahead they have expired already: then only the server's word counts.
  void _adoptFresh(Tokens tokens) {
    _tokens = tokens;
    final renewAt = tokens.accessExpiresAt - _marginSeconds;
    _renewAt = renewAt <= _nowSeconds() ? null : renewAt;
  }

  bool _isAnother(Tokens tokens, String rejected) => tokens.accessToken.isNotEmpty && tokens.accessToken != rejected;

  int _nowSeconds() => _now().millisecondsSinceEpoch ~/ 1000;
}

Tokens _fresh(SessionTokens fresh, {required String userId, required String deviceToken}) => Tokens(
  accessToken: fresh.accessToken,
  accessExpiresAt: fresh.accessExpiresAt.seconds.toInt(),
  refreshToken: fresh.refreshToken,
  sessionId: fresh.sessionId,
  userId: userId,
  deviceToken: deviceToken,
);
