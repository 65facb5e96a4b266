// What does everybody bear of an expense? The server's own answer, computed on the device.
//
// The id of an expense decides who bears a cent that cannot be divided: make it before the shares are shown.

import 'package:crypto/crypto.dart' show sha256;

import 'division.dart';
import 'money.dart';

final _id = RegExp(r'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$');
final _least = -(BigInt.one << 63);

/// Everybody's share of an amount in minor units, in proportion to whole weights of any size, by the members' ids.
///
/// Everybody the same: weight 1 for each. By what each owes: that. For an expense in another currency: its amount in the group's,
/// converted once, by the weights of the amount that was paid.
Map<String, BigInt> allocateShares(BigInt amount, Map<String, BigInt> weights, String expenseId) {
  if (amount == _least) throw FormatException('does not fit in 64 bits', amount.toString());
  // Throws what is too large.
  minorOf(amount);
  final expense = _bytesOf(expenseId);
  final known = <String, BigInt>{for (final MapEntry(key: id, value: weight) in weights.entries) id.toLowerCase(): weight};
  if (known.length < weights.length) throw ArgumentError('a member is named twice');
  final members = known.keys.toList()..sort();
  final lots = [for (final member in members) lotOf(expense, _bytesOf(member))];
  final parts = divide(amount, [for (final member in members) known[member]!], tie: (one, other) {
    return lots[one].compareTo(lots[other]);
  });
  return {for (final (index, member) in members.indexed) member: parts[index]};
}

/// The shares of a refund of that much. Left are what its expense's shares are after earlier refunds, whose shares are added to them. The
/// amount has the sign of the expense, the shares the other.
Map<String, BigInt> refundShares(BigInt amount, Map<String, BigInt> left, String refundId) {
  final there = sumOf(left.values);
  if (amount == BigInt.zero || amount.sign * there.sign < 0) {
    throw ArgumentError('a refund is not zero, and has the sign of the expense');
  }
  if (amount.abs() > there.abs()) throw ArgumentError('adds up to $amount, and there is $there');
  final shares = allocateShares(amount, left.map((member, share) => MapEntry(member, share.abs())), refundId);
  return shares.map((member, share) => MapEntry(member, -share));
}

/// Decides who bears a unit more than others who lost the same.
String lotOf(List<int> expense, List<int> member) => sha256.convert([...expense, ...member]).toString();

List<int> _bytesOf(String id) {
  final text = id.toLowerCase();
  if (!_id.hasMatch(text)) throw FormatException('not an id', id);
  final digits = text.replaceAll('-', '');
  return [for (var i = 0; i < digits.length; i += 2) int.parse(digits.substring(i, i + 2), radix: 16)];
}
