import 'package:protobuf/protobuf.dart' show GeneratedMessage;
import 'package:tallystick/src/ids.dart' show newIdAt;
import 'package:tallystick/v1.dart' as v1;
import 'package:test/test.dart';

import 'vectors.dart';

final _messages = <String, GeneratedMessage Function()>{
  'tallystick.v1.Change': v1.Change.new,
  'tallystick.v1.Mutation': v1.Mutation.new,
  'tallystick.v1.PullResponse': v1.PullResponse.new,
};

void compare(GeneratedMessage Function() make, Map<String, Object?> each) {
  final hex = each['hex']! as String;
  final read = make()..mergeFromBuffer(bytesOf(hex));
  final composed = make()..mergeFromProto3Json(each['json']);
  expect(read, composed, reason: hex);
  expect(hexOf(read.writeToBuffer()), hex);
  expect(hexOf(composed.writeToBuffer()), hex);
}

void main() {
  final said = readVectors('wire');

  test('the wire is what the vectors say', () {
    for (final each in listOf(said, 'messages')) {
      compare(_messages[each['message']]!, each);
    }
  });

  test('every kind of entity loses nothing', () {
    for (final each in listOf(readVectors('entities'), 'entities')) {
      compare(v1.Entity.new, each);
    }
  });

  test('what a newer server sends is kept', () {
    final unknown = said['unknownEntity']! as Map<String, Object?>;
    final hex = unknown['change']! as String;
    final change = v1.Change.fromBuffer(bytesOf(hex));
    expect(change.entity.whichKind(), v1.Entity_Kind.notSet);
    expect(change.entity.unknownFields.hasField(unknown['field']! as int), isTrue);
    expect(hexOf(change.writeToBuffer()), hex);
  });

  test('ids begin with the time', () {
    final uuid7 = said['uuid7']! as Map<String, Object?>;
    final pattern = RegExp(uuid7['pattern']! as String);
    for (final each in listOf(uuid7, 'times')) {
      final now = DateTime.fromMillisecondsSinceEpoch(int.parse(each['unixMs']! as String));
      final made = {for (var i = 0; i < 100; i++) newIdAt(now)};
      expect(made, hasLength(100));
      for (final id in made) {
        expect(id, matches(pattern));
        expect(id.replaceAll('-', ''), startsWith(each['firstTwelveDigits']! as String));
      }
    }
  });
}
