// What may a program want to know that watches?

import 'errors.dart';
import 'gen/tallystick/v1/sync.pb.dart';

/// Something that happened. Branch on it with a `switch`.
sealed class News {
  const News();
}

/// Changes happened in the space. A copy that takes them, in order, is at [cursor]: keep it with the copy, and the next watch goes on from
/// there.
final class Changed extends News {
  const Changed(this.spaceId, this.cursor, this.changes);

  final String spaceId;
  final String cursor;
  final List<Change> changes;
}

/// The copy cannot go on from where it was. Throw it away: all that is in the space follows as [Changed].
final class Reset extends News {
  const Reset(this.spaceId, this.reason);

  final String spaceId;

  /// `RESET_REASON_UNSPECIFIED` for one that has no name here yet.
  final ResetReason reason;
}

/// The user is in a space that is not among the cursors. With `followAdded` all that is in it comes next.
final class Added extends News {
  const Added(this.spaceId);

  final String spaceId;
}

/// The user is not in the space any more. Others' data goes.
final class Forgotten extends News {
  const Forgotten(this.spaceId);

  final String spaceId;
}

/// All that had happened is told. Comes once after each beginning, and each time that a stream took another's place.
final class UpToDate extends News {
  const UpToDate();
}

/// The stream was lost. The watch goes on by itself.
final class Interrupted extends News {
  const Interrupted(this.error);

  final TallystickError error;
}

/// When a stream is replaced by another, which goes on where it was.
///
/// In a browser package:grpc keeps all that a stream has said for as long as it lasts. Elsewhere the limits cost one call now and then.
final class StreamLimits {
  const StreamLimits({this.lifetime = const Duration(minutes: 5), this.bytes = 4 * 1024 * 1024});

  final Duration lifetime;

  /// What arrived, as it is on the wire. A browser holds twice as much.
  final int bytes;
}
