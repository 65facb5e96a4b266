// How does an app name what it makes, also offline? By a UUID of version 7, whose first part is the time.

import 'dart:math';

final _random = Random.secure();

/// A new id, for entities and for `requestId`. Ids made later sort later, to the millisecond.
String newId() => newIdAt(DateTime.now());

String newIdAt(DateTime now) {
  final bytes = List<int>.generate(16, (_) => _random.nextInt(256));
  // By division: a browser's bit operators hold no more than 32 bits, and milliseconds have 48.
  var left = now.millisecondsSinceEpoch;
  for (var i = 5; i >= 0; i--) {
    bytes[i] = left % 256;
    left ~/= 256;
  }
  bytes[6] = bytes[6] & 0x0f | 0x70;
  bytes[8] = bytes[8] & 0x3f | 0x80;
  final hex = bytes.map((byte) => byte.toRadixString(16).padLeft(2, '0')).join();
  return '${hex.substring(0, 8)}-${hex.substring(8, 12)}-${hex.substring(12, 16)}-${hex.substring(16, 20)}-${hex.substring(20)}';
}
