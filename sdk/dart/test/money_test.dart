import 'dart:math';

import 'package:fixnum/fixnum.dart' show Int64;
import 'package:tallystick/src/money.dart' show bigOf, minorOf;
import 'package:tallystick/tallystick.dart';
import 'package:tallystick/v1.dart' as v1;
import 'package:test/test.dart';

import 'vectors.dart';

v1.Money money(String currency, Object? minor) => v1.Money(currency: currency, minor: minorOf(BigInt.parse('$minor')));

void main() {
  final said = readVectors('money');

  test('what is read is what the vectors say', () {
    for (final each in listOf(said, 'parse')) {
      v1.Money read() => parseMoney(each['decimal']! as String, each['currency']! as String);
      if (each['error'] == true) {
        expect(read, throwsFormatException, reason: '$each');
      } else {
        expect('${read().minor}', each['minor'], reason: '$each');
      }
    }
  });

  test('what is written is what the vectors say', () {
    for (final each in listOf(said, 'format')) {
      expect(toDecimal(money(each['currency']! as String, each['minor'])), each['decimal']);
    }
  });

  test('sums are what the vectors say', () {
    for (final each in listOf(said, 'add')) {
      final amounts = [for (final minor in each['minors']! as List<Object?>) money(each['currency']! as String, minor)];
      v1.Money sum() => addMoney(amounts.first, amounts.skip(1));
      if (each['error'] == true) {
        expect(sum, throwsFormatException);
      } else {
        expect('${sum().minor}', each['sum']);
      }
    }
  });

  test('parts are what the vectors say', () {
    for (final each in listOf(said, 'allocate')) {
      final weights = (each['weights']! as List<Object?>).cast<int>();
      List<v1.Money> parts() => allocate(money('EUR', each['minor']), weights);
      if (each['error'] == true) {
        expect(parts, throwsArgumentError);
      } else {
        expect([for (final part in parts()) '${part.minor}'], each['parts'], reason: '$each');
      }
    }
  });

  test('currencies do not mix', () {
    expect(() => addMoney(money('EUR', 1), [money('USD', 1)]), throwsArgumentError);
  });

  test('parts always add up', () {
    final drawn = Random(1);
    for (var i = 0; i < 2000; i++) {
      final whole = v1.Money(currency: 'EUR', minor: Int64.fromInts(drawn.nextInt(1 << 32), drawn.nextInt(1 << 32)));
      final weights = [1 + drawn.nextInt(1000), for (var j = drawn.nextInt(8); j > 0; j--) drawn.nextInt(1 << 31)];
      final sum = allocate(whole, weights).fold(BigInt.zero, (sum, part) => sum + bigOf(part.minor));
      expect(sum, bigOf(whole.minor));
    }
  });

  test('what is read is what was written', () {
    final drawn = Random(2);
    for (var i = 0; i < 2000; i++) {
      for (final currency in ['EUR', 'JPY', 'KWD', 'CLF']) {
        final amount = v1.Money(currency: currency, minor: Int64.fromInts(drawn.nextInt(1 << 32), drawn.nextInt(1 << 32)));
        expect(parseMoney(toDecimal(amount), currency), amount);
      }
    }
  });
}
