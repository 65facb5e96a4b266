// Tells the story of sdk/README.md: somebody signs up, keeps a book, shares a dinner, spends without a network,
// and is paid back.
//
//     swift run Sample http://127.0.0.1:8080 ann@example.com

import Foundation
import Tallystick

guard CommandLine.arguments.count == 3 else {
    print("usage: Sample ADDRESS EMAIL")
    exit(2)
}
let password = "correct horse battery"
let client = try TallystickClient(CommandLine.arguments[1])
try await signUp(client, CommandLine.arguments[2], password)
let cash = try await keepABook(client)
let trip = try await shareADinner(client)
try await spendOffline(client, cash)
try await settle(client, trip)
try await client.signOut()
print("signed out")
