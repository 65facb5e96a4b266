// How is a stream read that may fall silent, and must not become too large?

import 'dart:async';

import 'package:grpc/grpc_or_grpcweb.dart' show StatusCode;
import 'package:protobuf/protobuf.dart' show GeneratedMessage;

import 'errors.dart';

/// Heartbeats come every 20 seconds: a stream that is silent for longer is dead, whatever the network says.
const _silenceMax = Duration(seconds: 45);

const _silent = TallystickError(code: StatusCode.unavailable, message: 'the stream has said nothing for too long');

/// A stream that is read one answer at a time.
final class Reading<A> {
  Reading(Stream<A> answers) : _answers = StreamIterator(answers);

  final StreamIterator<A> _answers;

  /// How much has arrived.
  int bytes = 0;

  /// Null: there are no more. Time counts only while we wait: what a listener does with the news is its own.
  Future<A?> next() async {
    final isThere = await _answers.moveNext().timeout(_silenceMax, onTimeout: () => throw _silent);
    if (!isThere) return null;
    final answer = _answers.current;
    if (answer is GeneratedMessage) bytes += answer.writeToBuffer().length;
    return answer;
  }

  /// Ends the call, if it has not ended by itself.
  Future<void> close() async {
    await _answers.cancel();
  }
}
