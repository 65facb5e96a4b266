import 'dart:async';

import 'package:fixnum/fixnum.dart' show Int64;
import 'package:tallystick/tallystick.dart';
import 'package:tallystick/v1.dart' as v1;
import 'package:test/test.dart';

import 'scripted.dart';

v1.WatchResponse heartbeat(String cursor) => v1.WatchResponse(heartbeat: v1.WatchHeartbeat(cursors: [cursor]));

v1.WatchResponse changes(String cursor) => v1.WatchResponse(
  changes: v1.WatchChanges(spaceId: 'space', cursor: cursor, changes: [v1.Change(version: Int64(1))]),
);

String inShort(News news) => switch (news) {
  Changed(:final cursor) => 'changed to $cursor',
  Reset(:final reason) => 'reset: ${reason.name}',
  Added(:final spaceId) => 'added $spaceId',
  Forgotten(:final spaceId) => 'forgotten $spaceId',
  UpToDate() => 'up to date',
  Interrupted(:final error) => 'interrupted: ${error.reason}',
};

/// A sync service of one space, and what it was asked.
final class Synced {
  Synced(Stream<v1.WatchResponse> Function(int number) watch, {Stream<v1.PullResponse> Function(int number)? pull}) {
    sync
      ..stream<v1.WatchRequest, v1.WatchResponse>('Watch', v1.WatchRequest.fromBuffer, (call, request) {
        watched.add(request.cursors.join(' '));
        return watch(watched.length);
      })
      ..stream<v1.PullRequest, v1.PullResponse>('Pull', v1.PullRequest.fromBuffer, (call, request) {
        pulled.add(request.cursor);
        return pull?.call(pulled.length) ?? const Stream.empty();
      });
  }

  final sync = Scripted('SyncService');
  final watched = <String>[];
  final pulled = <String>[];
}

/// Says nothing until nobody listens.
Stream<v1.WatchResponse> silence() => StreamController<v1.WatchResponse>().stream;

Future<List<String>> hear(Client client, int count, {Map<String, String> cursors = const {'space': ''}, bool followAdded = false}) {
  return client.watch(cursors: cursors, followAdded: followAdded).map(inShort).take(count).toList();
}

void main() {
  test('changes come without gaps, whatever becomes of the stream', () async {
    final synced = Synced(
      (number) async* {
        if (number == 1) {
          yield heartbeat('one');
          yield changes('two');
          throw failure(StatusCode.unavailable, 'UNAVAILABLE');
        }
        yield heartbeat('two');
        yield changes('three');
        yield* silence();
      },
      pull: (number) async* {
        yield v1.PullResponse(cursor: 'one', changes: [v1.Change(version: Int64(1))], atHead: true, head: Int64(1));
      },
    );
    final client = await serve([synced.sync]);
    expect(await hear(client, 6), [
      'changed to one',
      'up to date',
      'changed to two',
      'interrupted: UNAVAILABLE',
      'up to date',
      'changed to three',
    ]);
    expect(synced.pulled, ['']);
    expect(synced.watched, ['one', 'two']);
  });

  test('a stream that has said enough is replaced, and nobody notices', () async {
    final synced = Synced((number) async* {
      yield heartbeat('one');
      yield* silence();
    });
    final client = await serve([synced.sync]);
    final news = client.watch(cursors: {'space': 'one'}, limits: const StreamLimits(bytes: 1));
    expect(await news.map(inShort).take(3).toList(), ['up to date', 'up to date', 'up to date']);
    expect(synced.watched, ['one', 'one', 'one']);
  });

  test('a goodbye is no interruption', () async {
    final synced = Synced((number) async* {
      yield heartbeat('one');
      if (number == 1) {
        yield v1.WatchResponse(goodbye: v1.WatchGoodbye());
      } else {
        yield* silence();
      }
    });
    final client = await serve([synced.sync]);
    expect(await hear(client, 2, cursors: {'space': 'one'}), ['up to date', 'up to date']);
  });

  test('a copy that cannot go on is told to begin anew', () async {
    final synced = Synced(
      (number) async* {
        yield v1.WatchResponse(reset: v1.WatchReset(spaceId: 'space'));
        yield* silence();
      },
      pull: (number) async* {
        yield v1.PullResponse(cursor: 'new', reset: v1.ResetReason.RESET_REASON_EPOCH, atHead: true);
      },
    );
    final client = await serve([synced.sync]);
    expect(await hear(client, 2, cursors: {'space': 'old'}), ['reset: RESET_REASON_EPOCH', 'changed to new']);
    expect(synced.pulled, ['old']);
  });

  test('a space that is the user\'s no more is told and left alone', () async {
    final synced = Synced(
      (number) async* {
        yield heartbeat('other');
        yield* silence();
      },
      pull: (number) async* {
        throw failure(StatusCode.notFound, 'NOT_FOUND');
      },
    );
    final client = await serve([synced.sync]);
    expect(await hear(client, 2), ['forgotten space', 'up to date']);
    expect(synced.watched, ['']);
  });

  test('a space that comes is followed on demand', () async {
    final synced = Synced(
      (number) async* {
        yield v1.WatchResponse(added: v1.WatchAdded(spaceId: 'space'));
        yield* silence();
      },
      pull: (number) async* {
        yield v1.PullResponse(cursor: 'one', atHead: true);
      },
    );
    final client = await serve([synced.sync]);
    expect(await hear(client, 2, cursors: {}, followAdded: true), ['added space', 'changed to one']);
  });

  test('what is no use to try again ends it', () async {
    final synced = Synced((number) async* {
      throw failure(StatusCode.unauthenticated, 'NOT_SIGNED_IN');
    });
    final client = await serve([synced.sync]);
    final refused = throwsA(isA<TallystickError>().having((failed) => failed.reason, 'reason', 'NOT_SIGNED_IN'));
    await expectLater(hear(client, 1, cursors: {'space': 'one'}), refused);
  });
}
