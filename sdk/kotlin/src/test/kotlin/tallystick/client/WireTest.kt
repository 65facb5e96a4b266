/** Are messages the same bytes as in every other SDK, and do those of tomorrow pass through unchanged? */
package tallystick.client

import com.google.gson.JsonObject
import com.google.protobuf.ByteString
import com.google.protobuf.MessageLite
import com.google.protobuf.Timestamp
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import tallystick.v1.Account
import tallystick.v1.AccountType
import tallystick.v1.Change
import tallystick.v1.CreateTransactionRequest
import tallystick.v1.Entity
import tallystick.v1.ListAccountsResponse
import tallystick.v1.Mutation
import tallystick.v1.PullResponse
import tallystick.v1.TransactionKind

private val PARSERS =
    listOf(Mutation.getDefaultInstance(), Change.getDefaultInstance(), PullResponse.getDefaultInstance())
        .associateBy { "tallystick.v1.${it.javaClass.simpleName}" }

// Field 5000, with the text "new".
private const val NEWER = "c2b802036e6577"

private fun hex(message: MessageLite): String = message.toByteArray().joinToString("") { "%02x".format(it) }

class WireTest {
    private val vectors = vectors("wire.json")

    @Test
    fun `messages are the bytes that others write`() {
        for (case in vectors.cases("messages")) {
            val bytes = ByteString.fromHex(case.text("hex"))
            val read = PARSERS.getValue(case.text("message")).parserForType.parseFrom(bytes)
            assertEquals(case.text("hex"), hex(read))
        }
        val (first) = vectors.cases("messages")
        val told = first.getAsJsonObject("json").getAsJsonObject("createTransaction")
        val command = CreateTransactionRequest.newBuilder().build {
            requestId = told.text("requestId")
            bookId = told.text("bookId")
            transactionId = told.text("transactionId")
            kind = TransactionKind.TRANSACTION_KIND_EXPENSE
            accountId = told.text("accountId")
            amount = parseMoney("12.30", "EUR")
            bookedOn = told.text("bookedOn")
            payee = told.text("payee")
        }
        val madeAt = Timestamp.newBuilder().setSeconds(1_770_112_800)
        assertEquals(first.text("hex"), hex(Mutation.newBuilder().setMadeAt(madeAt).setCreateTransaction(command).build()))
    }

    @Test
    fun `an entity of every kind, with something in every field, loses nothing`() {
        val entities = vectors("entities.json").cases("entities")
        val kinds = Entity.KindCase.entries - Entity.KindCase.KIND_NOT_SET
        assertEquals(kinds.toSet(), entities.map { keeps(Entity.getDefaultInstance(), it).kindCase }.toSet())
    }

    @Test
    fun `a command of every kind loses nothing, in full and with no more than it needs`() {
        val commands = vectors("commands.json").cases("commands")
        val kinds = Mutation.CommandCase.entries - Mutation.CommandCase.COMMAND_NOT_SET
        val (least, full) = commands.partition { it.has("least") }
        for (cases in listOf(least, full)) {
            assertEquals(kinds.toSet(), cases.map { keeps(Mutation.getDefaultInstance(), it).commandCase }.toSet())
        }
    }

    /** What is read from the bytes of a case, and writes the same bytes; also when they are followed by what a newer contract has. */
    private fun <T : MessageLite> keeps(kind: T, case: JsonObject): T {
        for (more in listOf("", NEWER)) {
            val read = kind.parserForType.parseFrom(ByteString.fromHex(case.text("hex") + more))
            assertEquals(case.text("hex") + more, hex(read), case.text("kind"))
            assertEquals(case.text("hex") + more, hex(read.toBuilder().build()), case.text("kind"))
        }
        @Suppress("UNCHECKED_CAST") // A parser reads what it was asked of.
        return kind.parserForType.parseFrom(ByteString.fromHex(case.text("hex"))) as T
    }

    @Test
    fun `an entity of a kind that nobody knows yet stays as it is`() {
        val unknown = vectors.getAsJsonObject("unknownEntity")
        val change = Change.parseFrom(ByteString.fromHex(unknown.text("change")))
        assertEquals(Entity.KindCase.KIND_NOT_SET, change.entity.kindCase)
        assertEquals(unknown.text("change"), hex(change))
        assertEquals(unknown.text("change"), hex(change.toBuilder().build()))
    }

    @Test
    fun `an enum value of a newer server is kept`() {
        val account = Account.newBuilder().setTypeValue(99).build()
        val read = Account.parseFrom(account.toByteArray())
        assertEquals(AccountType.UNRECOGNIZED, read.type)
        assertEquals(99, read.typeValue)
        assertEquals(hex(account), hex(read))
    }

    @Test
    fun `ids are of version 7, and begin with the time`() {
        val uuid7 = vectors.getAsJsonObject("uuid7")
        val pattern = Regex(uuid7.text("pattern"))
        for (case in uuid7.cases("times")) {
            val id = idAt(case.text("unixMs").toLong())
            assertTrue(pattern.matches(id), id)
            assertEquals(case.text("firstTwelveDigits"), id.replace("-", "").take(12))
        }
        assertEquals(1_000, List(1_000) { newId() }.filter(pattern::matches).toSet().size)
    }

    @Test
    fun `a list is read page after page, as it is needed`() = runBlocking {
        val asked = mutableListOf<String>()
        suspend fun list(pageToken: String): ListAccountsResponse {
            asked += pageToken
            val next = listOf("one", "two", "").getOrNull(asked.size - 1)
            return ListAccountsResponse.newBuilder().setNextPageToken(next).apply {
                if (asked.size != 2) addAccounts(Account.newBuilder().setId("account ${asked.size}"))
            }.build()
        }
        val ids = each(ListAccountsResponse::getAccountsList, ListAccountsResponse::getNextPageToken, ::list).toList().map { it.id }
        // A page may be empty and not the last.
        assertEquals(listOf("account 1", "account 3"), ids)
        assertEquals(listOf("", "one", "two"), asked)
    }
}
