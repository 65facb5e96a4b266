/** Do all devices end up with the same, whatever happens in whichever order? By walks that chance leads; each has a seed. */
package tallystick.client.offline

import io.grpc.Status
import kotlin.random.Random
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlinx.coroutines.runBlocking
import tallystick.client.Client
import tallystick.client.TallystickException
import tallystick.v1.DeleteTransactionRequest
import tallystick.v1.Money
import tallystick.v1.RestoreTransactionRequest

private const val WALKS = 4
private const val STEPS = 50
private const val DEVICES = 3

private class Walk(seed: Int, private val space: Space) {
    private val dice = Random(seed)
    private val clients = List(DEVICES) { space.client() }
    private val storages = List(DEVICES) { MemoryStorage() }
    val books = mutableListOf<OfflineBook>()

    suspend fun begin() {
        space.pageSize = 1 + dice.nextInt(4)
        for (storage in storages) books += OfflineBook.open(storage, space.id)
        for ((book, client) in books.zip(clients)) book.pull(client)
    }

    suspend fun step() {
        val index = dice.nextInt(DEVICES)
        val (book, client) = books[index] to clients[index]
        when (dice.nextInt(6)) {
            0 -> call { book.push(client) }
            1 -> call { book.pull(client) }
            2 -> books[index] = OfflineBook.open(storages[index], space.id)
            else -> {
                act(book)
                state(book)
            }
        }
    }

    suspend fun act(book: OfflineBook) {
        val id = book.list(Kinds.TRANSACTION).map { it.id }.randomOrNull(dice)
        val minor = 1L + dice.nextInt(1000)
        when (if (id == null) 0 else dice.nextInt(4)) {
            0 -> book.submit(expense(space, minor))
            1 -> book.submit(edit(checkNotNull(id)) { setAmount(Money.newBuilder().setCurrency("EUR").setMinor(minor)) })
            2 -> book.submit(edit(checkNotNull(id)) { note = "$minor" })
            else -> {
                book.submit(DeleteTransactionRequest.newBuilder().setTransactionId(id).build())
                if (dice.nextBoolean()) book.submit(RestoreTransactionRequest.newBuilder().setTransactionId(id).build())
            }
        }
    }

    suspend fun rest() = repeat(2) { for ((book, client) in books.zip(clients)) book.sync(client) }

    /** A call that may be cut half-way, for good as far as this try is concerned. */
    private suspend fun call(run: suspend () -> Unit) {
        if (dice.nextInt(3) == 0) {
            space.failures += Space.Failing.Cut
            space.failNext(Status.Code.PERMISSION_DENIED, "ROLE_TOO_LOW")
        }
        try {
            run()
        } catch (_: TallystickException) {
            // Another time.
        }
        space.failures.clear()
    }
}

/** Beside what it shows, its accounts must hold as much. */
private suspend fun state(book: OfflineBook): List<List<Any>> {
    val transactions = book.list(Kinds.TRANSACTION)
    assertEquals(transactions.sumOf { it.getEntries(0).amount.minor }, book.held())
    return transactions.map { listOf(it.id, it.note, it.getEntries(0).amount.minor) }
}

class ConvergingTest {
    @Test
    fun `all devices end up with the same, and nothing is lost or done twice`() = runBlocking {
        for (seed in 1..WALKS) {
            Space().use { space ->
                val walk = Walk(seed, space)
                walk.begin()
                repeat(STEPS) { walk.step() }
                walk.rest()
                val fresh = OfflineBook.open(MemoryStorage(), space.id).also { it.pull(space.client()) }
                val expected = state(fresh)
                for (book in walk.books) {
                    assertEquals(expected, state(book), "seed $seed")
                    assertEquals(listOf(emptySet(), emptyList<Refused>()), listOf(book.pending(), book.tray()), "seed $seed")
                }
                val created = space.pushed.filter { it.hasCreateTransaction() }.map(::requestIdOf).distinct()
                val made = space.journal.filter { it.entity.hasTransaction() }.map { it.entity.transaction.id }.distinct()
                assertEquals(created.size, made.size, "seed $seed")
            }
        }
    }

    @Test
    fun `what a device shows after its own mutations arrive is what it showed before`() = runBlocking {
        for (seed in 1..WALKS) {
            Space().use { space ->
                val walk = Walk(seed, space)
                val client: Client = space.client()
                val book = OfflineBook.open(MemoryStorage(), space.id).also { it.pull(client) }
                repeat(20) { walk.act(book) }
                val before = state(book)
                book.push(client)
                assertEquals(before, state(book), "seed $seed")
                book.pull(client)
                assertEquals(before, state(book), "seed $seed")
            }
        }
    }
}
