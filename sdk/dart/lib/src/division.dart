// How are whole numbers divided in whole parts that add up to them?

/// Divides an amount in proportion to weights.
///
/// Each part is rounded towards zero, and the units that are left go to the parts that lost most by it; of those that lost the same, first
/// to what the tie puts first, and then to the first.
List<BigInt> divide(BigInt amount, List<BigInt> weights, {int Function(int one, int other)? tie}) {
  final total = sumOfWeights(weights);
  final size = amount.abs();
  final parts = [for (final weight in weights) size * weight ~/ total];
  final lost = [for (final weight in weights) size * weight % total];
  var left = size - sumOf(parts);
  final order = List<int>.generate(weights.length, (index) => index);
  // Lists are not sorted stably.
  order.sort((one, other) {
    final byLoss = lost[other].compareTo(lost[one]);
    if (byLoss != 0) return byLoss;
    final byTie = tie == null ? 0 : tie(one, other);
    return byTie != 0 ? byTie : one.compareTo(other);
  });
  for (final index in order) {
    if (left == BigInt.zero) break;
    parts[index] += BigInt.one;
    left -= BigInt.one;
  }
  return amount.isNegative ? [for (final part in parts) -part] : parts;
}

/// The sum of weights, none of which is below zero, and one above.
BigInt sumOfWeights(Iterable<BigInt> weights) {
  if (weights.any((weight) => weight.isNegative)) throw ArgumentError('a weight is below zero');
  final total = sumOf(weights);
  if (total == BigInt.zero) throw ArgumentError('no weight is above zero');
  return total;
}

BigInt sumOf(Iterable<BigInt> numbers) => numbers.fold(BigInt.zero, (sum, number) => sum + number);
