// How does an app hear of what happens? By one stream for all the user's spaces, which is opened again for as long as somebody listens.

import 'dart:async';

import 'package:fixnum/fixnum.dart' show Int64;
import 'package:grpc/grpc_or_grpcweb.dart' show StatusCode;

import 'errors.dart';
import 'gen/tallystick/v1/sync.pb.dart';
import 'gen/tallystick/v1/sync_service.pbgrpc.dart';
import 'news.dart';
import 'reading.dart';
import 'retries.dart';

const _passing = {
  StatusCode.unavailable,
  StatusCode.deadlineExceeded,
  StatusCode.resourceExhausted,
  StatusCode.aborted,
  StatusCode.internal,
};

/// Of the field `reset` of what a pull brings.
const _resetNumber = 5;

/// Nobody listens any more.
final class _Left implements Exception {
  const _Left();
}

/// One watch. It begins when somebody listens to its news.
final class Watching {
  Watching(
    this._sync,
    this._retries,
    this._limits, {
    required Map<String, String> cursors,
    required bool followAdded,
  }) : _copies = Map.of(cursors),
       _followAdded = followAdded {
    _news.onListen = () => unawaited(_run());
    _news.onResume = _wake;
    _news.onCancel = _stop;
  }

  final SyncServiceClient _sync;
  final Retries _retries;
  final StreamLimits _limits;
  final bool _followAdded;

  /// Where the copies are.
  final Map<String, String> _copies;

  /// Where the stream is in each space, as far as that is known.
  final _told = <String, String>{};

  /// Spaces that were told of as added.
  final _announced = <String>{};

  final _news = StreamController<News>();
  final _open = <Reading<Object?>>{};
  final _left = Completer<void>();
  Completer<void>? _resumed;

  /// Whether the stream has said where it is.
  bool _hasHeard = false;

  Stream<News> get news => _news.stream;

  Future<void> _run() async {
    try {
      await _loop();
    } on _Left {
      // There is nobody to tell.
    } on Object catch (failed, trace) {
      if (!_left.isCompleted) _news.addError(failed, trace);
    }
    if (!_news.isClosed) unawaited(_news.close());
  }

  Future<void> _stop() async {
    if (!_left.isCompleted) _left.complete();
    _wake();
    for (final reading in _open.toList()) {
      await reading.close();
    }
  }

  void _wake() {
    _resumed?.complete();
    _resumed = null;
  }

  Future<void> _loop() async {
    var failed = 0;
    while (true) {
      final clock = Stopwatch()..start();
      _hasHeard = false;
      try {
        final wait = await _follow();
        failed = 0;
        await _sleep(wait);
      } on TallystickError catch (error) {
        if (!_isPassing(error)) rethrow;
        failed = clock.elapsed > _retries.longestWait ? 1 : failed + 1;
        final retryAfter = error.retryAfter;
        final wait = retryAfter == null ? _retries.waitAfter(failed) : retryAfter + _retries.waitAfter(1);
        await _tell(Interrupted(error));
        await _sleep(wait);
      }
    }
  }

  /// Brings the copies up to date and watches until the stream ends. Returns when to come back.
  Future<Duration> _follow() async {
    for (final space in _copies.keys.toList()..sort()) {
      if (_copies[space] == '') await _pull(space);
    }
    _told
      ..clear()
      ..addAll(_copies);
    final clock = Stopwatch()..start();
    final reading = _read(_sync.watch(WatchRequest(cursors: _copies.values.toList()..sort())));
    try {
      while (clock.elapsed < _limits.lifetime && reading.bytes < _limits.bytes) {
        final answer = await reading.next();
        if (answer == null) return _retries.waitAfter(1);
        if (answer.whichEvent() == WatchResponse_Event.goodbye) {
          final again = answer.goodbye.againAfter;
          return Duration(seconds: again.seconds.toInt(), microseconds: again.nanos ~/ 1000);
        }
        await _take(answer);
      }
      return Duration.zero;
    } finally {
      await _close(reading);
    }
  }

  /// Does with an event what it asks for. What a newer server may say beside is left alone.
  Future<void> _take(WatchResponse answer) async {
    switch (answer.whichEvent()) {
      case WatchResponse_Event.changes:
        await _takeChanges(answer.changes);
      case WatchResponse_Event.behind:
        await _takeBehind(answer.behind);
      case WatchResponse_Event.added:
        await _takeAdded(answer.added.spaceId);
      case WatchResponse_Event.forget:
        await _forget(answer.forget.spaceId);
      case WatchResponse_Event.reset:
        // The pull finds out why, and says so.
        await _catchUp(answer.reset.spaceId);
      case WatchResponse_Event.heartbeat:
        await _takeHeartbeat(answer.heartbeat);
      default:
        break;
    }
  }

  Future<void> _takeChanges(WatchChanges changes) async {
    final space = changes.spaceId;
    final at = _copies[space];
    if (at == null) return;
    final followsOn = at.isNotEmpty && _told[space] == at;
    _told[space] = changes.cursor;
    if (!followsOn) {
      await _pull(space);
      return;
    }
    _copies[space] = changes.cursor;
    await _tell(Changed(space, changes.cursor, changes.changes));
  }

  Future<void> _takeBehind(WatchBehind behind) async {
    final space = behind.spaceId;
    if (!_copies.containsKey(space)) return;
    final head = await _pull(space, atLeast: behind.head);
    final at = _copies[space];
    if (at != null && head == behind.head) {
      _told[space] = at;
    } else {
      _told.remove(space);
    }
  }

  Future<void> _takeAdded(String space) async {
    if (!_copies.containsKey(space) && _announced.add(space)) {
      if (_followAdded) _copies[space] = '';
      await _tell(Added(space));
    }
    await _catchUp(space);
  }

  /// Learns where the stream is.
  Future<void> _takeHeartbeat(WatchHeartbeat heartbeat) async {
    final cursors = heartbeat.cursors.toSet();
    for (final MapEntry(key: space, value: at) in _copies.entries) {
      if (cursors.contains(at)) _told[space] = at;
    }
    if (_hasHeard) return;
    _hasHeard = true;
    await _tell(const UpToDate());
  }

  /// Pulls a space of which it is not known where the stream is.
  Future<void> _catchUp(String space) async {
    if (!_copies.containsKey(space)) return;
    _told.remove(space);
    await _pull(space);
  }

  /// Tells all that happened in a space since the copy, and says how far that is.
  Future<Int64> _pull(String space, {Int64? atLeast}) async {
    var head = Int64.ZERO;
    while (true) {
      final reading = _read(_sync.pull(PullRequest(spaceId: space, cursor: _copies[space], minVersion: atLeast)));
      try {
        // A long pull goes on in another stream too.
        while (reading.bytes < _limits.bytes) {
          final page = await reading.next();
          if (page == null) return head;
          head = page.head;
          await _takePage(space, page);
        }
      } on TallystickError catch (failed) {
        if (failed.code != StatusCode.notFound) rethrow;
        await _forget(space);
        return head;
      } finally {
        await _close(reading);
      }
    }
  }

  Future<void> _takePage(String space, PullResponse page) async {
    // A reason that has no name here yet is read as none, and kept beside.
    final isReset = page.reset != ResetReason.RESET_REASON_UNSPECIFIED || page.unknownFields.hasField(_resetNumber);
    if (isReset) await _tell(Reset(space, page.reset));
    if (page.cursor == _copies[space]) return;
    _copies[space] = page.cursor;
    await _tell(Changed(space, page.cursor, page.changes));
  }

  Future<void> _forget(String space) async {
    _told.remove(space);
    _announced.remove(space);
    if (_copies.remove(space) != null) await _tell(Forgotten(space));
  }

  /// Completes when it was heard, and whoever listens is ready for more.
  Future<void> _tell(News news) async {
    if (_left.isCompleted) throw const _Left();
    _news.add(news);
    // It is heard, and a loop that takes long holds the stream up, only after this.
    await Future<void>.delayed(Duration.zero);
    while (_news.isPaused && !_left.isCompleted) {
      await (_resumed ??= Completer<void>()).future;
    }
    if (_left.isCompleted) throw const _Left();
  }

  Future<void> _sleep(Duration wait) async {
    await Future.any([Future<void>.delayed(wait), _left.future]);
    if (_left.isCompleted) throw const _Left();
  }

  /// Whether another stream may do better. A token that stops working while the stream lasts is renewed for the next.
  bool _isPassing(TallystickError failed) => _passing.contains(failed.code) || failed.reason == invalidToken && _hasHeard;

  Reading<A> _read<A>(Stream<A> answers) {
    final reading = Reading<A>(answers);
    _open.add(reading);
    return reading;
  }

  Future<void> _close(Reading<Object?> reading) async {
    _open.remove(reading);
    await reading.close();
  }
}
