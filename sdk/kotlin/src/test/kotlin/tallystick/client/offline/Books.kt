/** What do tests of books begin with? A space on a server, and a device with its copy. */
package tallystick.client.offline

import tallystick.client.Client
import tallystick.client.newId
import tallystick.v1.CreateTransactionRequest
import tallystick.v1.Money
import tallystick.v1.TransactionDraft
import tallystick.v1.TransactionKind
import tallystick.v1.UpdateTransactionRequest

class Its(val space: Space, val client: Client, val storage: Storage, val book: OfflineBook)

/** On a server of its own. */
suspend fun <T> onDevice(storage: Storage, run: suspend Its.() -> T): T =
    storage.use {
        Space().use { space -> Its(space, space.client(), storage, OfflineBook.open(storage, space.id)).run() }
    }

fun expense(space: Space, minor: Long, transactionId: String = newId()): CreateTransactionRequest =
    CreateTransactionRequest.newBuilder()
        .setTransactionId(transactionId)
        .setKind(TransactionKind.TRANSACTION_KIND_EXPENSE)
        .setAccountId(space.accountId)
        .setAmount(Money.newBuilder().setCurrency("EUR").setMinor(minor))
        .setBookedOn("2026-02-03")
        .build()

fun edit(transactionId: String, write: TransactionDraft.Builder.() -> Unit): UpdateTransactionRequest =
    UpdateTransactionRequest.newBuilder()
        .setTransactionId(transactionId)
        .setChange(TransactionDraft.newBuilder().apply(write))
        .build()

suspend fun OfflineBook.count(): Int = list(Kinds.TRANSACTION).size

suspend fun OfflineBook.held(): Long = balances().single().balance.minor
