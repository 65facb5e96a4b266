// When is a call made again? When nobody answered, or when the server says when: the very same message, after a random wait.

import 'dart:math';

import 'package:grpc/grpc_or_grpcweb.dart' show StatusCode;

import 'errors.dart';

/// No call has less time: a timer may have been late.
const _least = Duration(milliseconds: 1);

final _random = Random();

/// How patient a client is. All tries of a call together take no longer than the call may.
final class Retries {
  const Retries({
    this.tries = 6,
    this.firstWait = const Duration(milliseconds: 100),
    this.longestWait = const Duration(seconds: 5),
  });

  /// How often a call is made at most. 1: no repeats.
  final int tries;

  /// The limit of the first wait; it doubles with each.
  final Duration firstWait;

  /// The limit of any wait but those that the server asks for.
  final Duration longestWait;

  /// How long to wait after so many tries: anything up to a limit that doubles, so that those who failed together come back apart.
  Duration waitAfter(int tried) {
    var limit = firstWait;
    for (var i = 1; i < tried && limit < longestWait; i++) {
      limit *= 2;
    }
    return (limit < longestWait ? limit : longestWait) * _random.nextDouble();
  }

  /// Makes the attempt until it succeeds or there is no sense in another. It is told how much time is left.
  Future<T> run<T>(Duration timeout, Future<T> Function(Duration left) attempt) async {
    final clock = Stopwatch()..start();
    for (var tried = 1; ; tried++) {
      final left = timeout - clock.elapsed;
      try {
        return await attempt(left > _least ? left : _least);
      } on TallystickError catch (failed) {
        final wait = _waitFor(failed, tried);
        if (wait == null || clock.elapsed + wait >= timeout) rethrow;
        await Future<void>.delayed(wait);
      }
    }
  }

  Duration? _waitFor(TallystickError failed, int tried) {
    if (tried >= tries) return null;
    if (failed.code != StatusCode.unavailable && failed.code != StatusCode.resourceExhausted) return null;
    final retryAfter = failed.retryAfter;
    // A little more than was asked for: all who were sent away together were told the same.
    if (retryAfter != null) return retryAfter + waitAfter(1);
    return failed.code == StatusCode.unavailable ? waitAfter(tried) : null;
  }
}
