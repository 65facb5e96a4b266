import 'package:tallystick/src/splitting.dart' show lotOf;
import 'package:tallystick/tallystick.dart';
import 'package:test/test.dart';

import 'vectors.dart';

void main() {
  final said = readVectors('allocations');
  final members = (said['members']! as Map<String, Object?>).cast<String, String>();

  Map<String, BigInt> named(Object? amounts) => {
    for (final MapEntry(key: name, value: text) in (amounts! as Map<String, Object?>).entries)
      members[name] ?? name: BigInt.parse(text! as String),
  };

  void compare(Map<String, Object?> each, Map<String, BigInt> Function() shares) {
    if (each.containsKey('shares')) {
      expect(shares(), named(each['shares']), reason: '${each['name']}');
    } else {
      expect(shares, throwsA(anyOf(isArgumentError, isFormatException)), reason: '${each['name']}');
    }
  }

  test('shares are what the vectors say', () {
    for (final each in listOf(said, 'allocate')) {
      compare(each, () {
        return allocateShares(BigInt.parse(each['amount']! as String), named(each['weights']), each['expenseId']! as String);
      });
    }
  });

  test('shares of refunds are what the vectors say', () {
    for (final each in listOf(said, 'refund')) {
      compare(each, () {
        return refundShares(BigInt.parse(each['amount']! as String), named(each['left']), each['refundId']! as String);
      });
    }
  });

  test('lots are what the vectors say', () {
    List<int> id(Object? text) => bytesOf((text! as String).replaceAll('-', ''));
    for (final each in listOf(said, 'lots')) {
      expect(lotOf(id(each['expenseId']), id(each['memberId'])), each['sha256']);
    }
  });
}
