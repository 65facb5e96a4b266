// What do all SDKs agree on? Run the tests in sdk/dart: the vectors lie beside it.

import 'dart:convert';
import 'dart:io';

Map<String, Object?> readVectors(String name) =>
    jsonDecode(File('../vectors/$name.json').readAsStringSync()) as Map<String, Object?>;

List<Map<String, Object?>> listOf(Map<String, Object?> vectors, String name) {
  final found = (vectors[name]! as List<Object?>).cast<Map<String, Object?>>();
  if (found.isEmpty) throw StateError('there is nothing to compare with');
  return found;
}

List<int> bytesOf(String hex) => [
  for (var i = 0; i < hex.length; i += 2) int.parse(hex.substring(i, i + 2), radix: 16),
];

String hexOf(List<int> bytes) => bytes.map((byte) => byte.toRadixString(16).padLeft(2, '0')).join();
