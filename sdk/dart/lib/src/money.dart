// How is money read and written without ever being a floating point number? In minor units, as Int64: a browser's `int` is a double.

import 'package:fixnum/fixnum.dart' show Int64;

import 'division.dart';
import 'gen/tallystick/v1/money.pb.dart';

const _usualExponent = 2;
const _otherExponents = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

final _currency = RegExp(r'^[A-Z]{3}$');
final _decimal = RegExp(r'^(-?)([0-9]+)(?:\.([0-9]+))?$');
final _minorMax = (BigInt.one << 63) - BigInt.one;
final _minorMin = -(BigInt.one << 63);
final _lowBits = (BigInt.one << 32) - BigInt.one;

/// How many decimals a currency's smallest unit has, by ISO 4217.
int exponentOf(String currency) {
  if (!_currency.hasMatch(currency)) throw FormatException('not an ISO 4217 code', currency);
  for (final MapEntry(key: exponent, value: codes) in _otherExponents.entries) {
    if (codes.contains(currency)) return exponent;
  }
  return _usualExponent;
}

/// The amount as a decimal number without its currency: `-12.30` for -1230 cents.
String toDecimal(Money money) {
  final exponent = exponentOf(money.currency);
  final minor = bigOf(money.minor);
  final digits = minor.abs().toString().padLeft(exponent + 1, '0');
  final sign = minor.isNegative ? '-' : '';
  final point = digits.length - exponent;
  return exponent == 0 ? '$sign$digits' : '$sign${digits.substring(0, point)}.${digits.substring(point)}';
}

/// Reads a decimal number with a point, such as `12.3`. More decimals than the currency has are an error, never rounded.
Money parseMoney(String decimal, String currency) {
  final exponent = exponentOf(currency);
  final found = _decimal.firstMatch(decimal);
  if (found == null) throw FormatException('not a decimal number', decimal);
  final fraction = found[3] ?? '';
  if (fraction.length > exponent) throw FormatException('$currency has $exponent decimals', decimal);
  final size = BigInt.parse('${found[2]}${fraction.padRight(exponent, '0')}');
  return Money(currency: currency, minor: minorOf(found[1] == '-' ? -size : size));
}

/// The exact sum of amounts of one currency.
Money addMoney(Money first, Iterable<Money> others) {
  var sum = bigOf(first.minor);
  for (final other in others) {
    if (other.currency != first.currency) throw ArgumentError('${other.currency} cannot be added to ${first.currency}');
    sum += bigOf(other.minor);
  }
  return Money(currency: first.currency, minor: minorOf(sum));
}

/// Divides an amount in proportion to whole weights, to the last cent: the parts add up to it.
///
/// Each part is rounded towards zero, and the units that are left go to the parts that lost most by it; of those that lost the same, to
/// the first. A negative amount is divided as the positive one.
List<Money> allocate(Money money, List<int> weights) {
  final parts = divide(bigOf(money.minor), [for (final weight in weights) BigInt.from(weight)]);
  return [for (final part in parts) Money(currency: money.currency, minor: minorOf(part))];
}

/// By its digits: an [int] of a browser would round it.
BigInt bigOf(Int64 minor) => BigInt.parse(minor.toString());

/// The amount as the contract carries it. Throws what does not fit in 64 bits.
Int64 minorOf(BigInt minor) {
  if (minor > _minorMax || minor < _minorMin) throw FormatException('does not fit in 64 bits', minor.toString());
  final bits = minor.toUnsigned(64);
  return Int64.fromInts((bits >> 32).toInt(), (bits & _lowBits).toInt());
}
