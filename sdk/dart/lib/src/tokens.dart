// Where are the tokens of whoever is signed in?

/// Who is signed in. Secret but for the ids.
final class Tokens {
  const Tokens({
    this.accessToken = '',
    this.accessExpiresAt = 0,
    this.refreshToken = '',
    this.refreshRequestId = '',
    this.sessionId = '',
    this.userId = '',
    this.deviceToken = '',
  });

  /// Sent with every call.
  final String accessToken;

  /// When it stops working, in seconds since 1970.
  final int accessExpiresAt;

  /// Exchanged for the next pair; each works once.
  final String refreshToken;

  /// The exchange that is under way: a repeat with the same id gets the same answer, another one looks like theft.
  final String refreshRequestId;

  final String sessionId;
  final String userId;

  /// Shows a later sign-in that this device is known. It outlives the session.
  final String deviceToken;

  /// Reads what [toJson] wrote, also in another version of this package.
  factory Tokens.fromJson(Map<String, Object?> json) {
    String text(String name) => switch (json[name]) {
      final String value => value,
      _ => '',
    };
    return Tokens(
      accessToken: text('access_token'),
      accessExpiresAt: switch (json['access_expires_at']) {
        final num seconds => seconds.toInt(),
        _ => 0,
      },
      refreshToken: text('refresh_token'),
      refreshRequestId: text('refresh_request_id'),
      sessionId: text('session_id'),
      userId: text('user_id'),
      deviceToken: text('device_token'),
    );
  }

  Map<String, Object?> toJson() => {
    'access_token': accessToken,
    'access_expires_at': accessExpiresAt,
    'refresh_token': refreshToken,
    'refresh_request_id': refreshRequestId,
    'session_id': sessionId,
    'user_id': userId,
    'device_token': deviceToken,
  };

  /// Keeps secrets out of logs.
  @override
  String toString() => 'Tokens of user $userId, session $sessionId';
}

/// What an app may implement itself, for example over the system's keychain.
abstract interface class TokenStore {
  /// What was saved last; `Tokens()` at first.
  Future<Tokens> load();

  /// Completes when they would survive a crash: they are used only after that.
  Future<void> save(Tokens tokens);

  /// Waits until nobody else who shares the store signs in or refreshes. Nobody does until the work is done.
  Future<T> turn<T>(Future<T> Function() work);
}

/// Keeps tokens as long as the program runs. Also for access keys: `MemoryTokens(Tokens(accessToken: key))`.
final class MemoryTokens implements TokenStore {
  MemoryTokens([this._held = const Tokens()]);

  Tokens _held;
  final _turns = Turns();

  @override
  Future<Tokens> load() async => _held;

  @override
  Future<void> save(Tokens tokens) async => _held = tokens;

  @override
  Future<T> turn<T>(Future<T> Function() work) => _turns.take(work);
}

/// One after another, whatever becomes of each.
final class Turns {
  Future<void> _last = Future.value();

  Future<T> take<T>(Future<T> Function() work) {
    final mine = _last.then((_) => work());
    _last = mine.then((_) {}, onError: (Object _) {});
    return mine;
  }
}
