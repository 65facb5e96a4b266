// How do friends share a dinner?

import Tallystick

/// A group, and what its members are called, by their ids.
struct Trip {
    let id: String
    let names: [String: String]
}

func shareADinner(_ client: TallystickClient) async throws -> Trip {
    var newGroup = Tallystick_V1_CreateGroupRequest()
    newGroup.requestID = newID()
    newGroup.name = "Trip"
    newGroup.defaultCurrency = "EUR"
    newGroup.guests = ["Bob", "Cleo"]
    let made = try await client.groups.createGroup(request: newGroup).answer()
    var names: [String: String] = [:]
    for member in made.members {
        names[member.id] = member.displayName
    }
    print("group:", made.group.name, "of", names.count)

    let dinner = try await seeItArrive(client, made.group.id)
    let amount = try dinner.amount.decimal()
    print("arrived:", dinner.description_p, amount)
    var shares: [String] = []
    for share in dinner.shares {
        var owed = dinner.amount
        owed.minor = share.owedMinor
        let name = names[share.memberID] ?? ""
        let borne = try owed.decimal()
        shares.append("\(name) bears \(borne)")
    }
    tellInOrder(shares)
    return Trip(id: made.group.id, names: names)
}

/// Watches the group, adds the expense once all that was before is told, and returns it as the stream brings it.
private func seeItArrive(_ client: TallystickClient, _ group: String) async throws -> Tallystick_V1_Expense {
    var isAdded = false
    for try await news in client.watch([group: ""]) {
        switch news {
        case .changed(_, _, let changes):
            for change in changes {
                if case .expense(let expense)? = change.entity.kind {
                    return expense
                }
            }
        case .upToDate where !isAdded:
            isAdded = true
            try await add(client, group)
        default:
            break
        }
    }
    throw CancellationError()
}

private func add(_ client: TallystickClient, _ group: String) async throws {
    var request = Tallystick_V1_CreateExpenseRequest()
    request.requestID = newID()
    request.groupID = group
    request.expense.bookedOn = "2026-02-03"
    request.expense.description_p = "Dinner"
    request.expense.amount = try parseMoney("30", "EUR")
    _ = try await client.groups.createExpense(request: request).answer()
}

/// Pays what is owed, debt by debt, and looks whether anything is left.
func settle(_ client: TallystickClient, _ trip: Trip) async throws {
    var paid: [String] = []
    for debt in try await debts(client, trip.id) {
        var request = Tallystick_V1_RecordSettlementRequest()
        request.requestID = newID()
        request.groupID = trip.id
        request.fromMemberID = debt.fromMemberID
        request.toMemberID = debt.toMemberID
        request.amount = debt.amount
        request.bookedOn = "2026-02-04"
        _ = try await client.groups.recordSettlement(request: request).answer()
        let (from, to) = (trip.names[debt.fromMemberID] ?? "", trip.names[debt.toMemberID] ?? "")
        let amount = try debt.amount.decimal()
        paid.append("\(from) pays \(to) \(amount)")
    }
    tellInOrder(paid)
    let left = try await debts(client, trip.id)
    print("open debts:", left.count)
}

private func debts(_ client: TallystickClient, _ group: String) async throws -> [Tallystick_V1_Debt] {
    var request = Tallystick_V1_GetBalancesRequest()
    request.groupID = group
    return try await client.groups.getBalances(request: request).answer().debts
}

private func tellInOrder(_ lines: [String]) {
    for line in lines.sorted() {
        print(line)
    }
}
