/** Is what stands for reflection as the contract is: which commands there are, what each is about, and which fields messages have? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import java.lang.reflect.Modifier
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import tallystick.client.build
import tallystick.client.newId
import tallystick.v1.*

/** They are about several things, or about none that has an id of its own. */
private val OTHERS =
    listOf(
        BatchCreateTransactionsRequest::class, BatchUpdateTransactionsRequest::class, BatchDeleteTransactionsRequest::class,
        BatchCreateExpensesRequest::class, ReorderCategoriesRequest::class, ReorderRulesRequest::class, MergeCategoriesRequest::class,
        UpdateMeRequest::class, UpdateSettingsRequest::class, UpdateDisplayRequest::class, ResetDisplayRequest::class,
        PutClientValueRequest::class, DeleteClientValueRequest::class, MarkReadRequest::class, MarkAllReadRequest::class,
        UpdateNotificationPreferencesRequest::class, SetRateRequest::class, LinkGroupToBookRequest::class, CopyForwardRequest::class,
    ).map { it.java }.toSet()

class CommandsTest {
    private val commands: List<MessageLite> =
        Mutation.CommandCase.values().filter { it != Mutation.CommandCase.COMMAND_NOT_SET }.map { case ->
            val name = case.name.split("_").joinToString("") { it.lowercase().replaceFirstChar(Char::uppercase) }
            Mutation::class.java.getMethod("get$name").invoke(Mutation.getDefaultInstance()) as MessageLite
        }

    private fun numbersIn(type: Class<*>): Map<String, Int> =
        type.fields.filter { Modifier.isStatic(it.modifiers) && it.name.endsWith("_FIELD_NUMBER") }
            .associate { it.name.removeSuffix("_FIELD_NUMBER").lowercase() to it.getInt(null) }

    @Test
    fun `every command can wait, and says what it is about`() {
        assertEquals(commands.map { it.javaClass }.toSet(), MAKING.keys + CHANGING.keys + OTHERS)
        assertEquals(commands.size, MAKING.size + CHANGING.size + OTHERS.size)
        for (command in commands) {
            val space = newId()
            val mutation = composeCommand(command, space)
            val whole = checkNotNull(commandIn(mutation))
            assertEquals(command.javaClass, whole.javaClass)
            assertEquals(requestIdOf(mutation), textIn(whole, "request_id"))
            assertTrue(requestIdOf(mutation).isNotEmpty())
            val makes = command.javaClass in MAKING
            val isBatch = command is BatchCreateTransactionsRequest || command is BatchCreateExpensesRequest
            assertEquals(makes || isBatch, isNew(mutation), "${command.javaClass}")
            if (makes) assertTrue(targetsOf(mutation, space).single().startsWith(MAKING.getValue(command.javaClass).name + "/"))
            val where = listOf("space_id", "book_id", "group_id").firstOrNull { it in numbersIn(command.javaClass) }
            if (where != null) assertEquals(space, textIn(whole, where), "${command.javaClass}")
            // What is whole stays as it is.
            assertEquals(mutation, composeCommand(whole, newId()))
        }
    }

    @Test
    fun `a command names what it changes`() {
        val id = newId()
        for ((type, kind) in CHANGING) {
            val command = commands.single { it.javaClass == type }
            val field = numbersIn(type).keys.filter { it.endsWith("_id") && it !in listOf("request_id", "space_id", "book_id") }
            val named = field.fold(command) { known, name -> withText(known, name, id.uppercase()) }
            val inBook = if (kind == Kinds.BOOK) withText(named, "book_id", id) else named
            assertEquals(targetOf(kind, id), targetsOf(composeCommand(inBook, newId()), newId()).first(), "$type")
        }
    }

    @Test
    fun `fields have the numbers that messages have`() {
        for ((type, told) in FIELDS) {
            assertEquals(numbersIn(type), told.split(" ").associate { it.substringBefore(':') to it.substringAfter(':').toInt() }, "$type")
        }
        assertEquals(emptySet(), commands.map { it.javaClass }.toSet() - FIELDS.keys)
        assertEquals(emptySet(), Kinds.all.map { emptyOf(it).javaClass }.toSet() - FIELDS.keys)
        val request = CreateTransactionRequest.getDefaultInstance()
        assertEquals(emptySet(), fieldsOf(TransactionDraft.getDefaultInstance()).keys - fieldsOf(request).keys)
    }

    @Test
    fun `drafts in batches get ids, and what is not a command cannot wait`() {
        val batch = BatchCreateTransactionsRequest.newBuilder().addTransactions(TransactionDraft.getDefaultInstance()).build()
        val (id) = targetsOf(composeCommand(batch, newId()), newId())
        assertTrue(id.length > "transaction/".length)
        val copy = composeCommand(CopyBudgetRequest.newBuilder().setBudgetId(newId()).build(), newId())
        assertEquals(listOf(targetOf(Kinds.BUDGET, copy.copyBudget.newBudgetId)), targetsOf(copy, newId()))
        val settled = RecordSettlementRequest.newBuilder().build { settlementId = newId(); planId = newId() }
        val targets = targetsOf(composeCommand(settled, newId()), newId())
        assertEquals(listOf(targetOf(Kinds.SETTLEMENT, settled.settlementId), targetOf(Kinds.SETTLEMENT_PLAN, settled.planId)), targets)
        assertFailsWith<IllegalArgumentException> { composeCommand(Account.getDefaultInstance(), newId()) }
    }

    @Test
    fun `another request id leaves the rest of a mutation`() {
        val mutation = composeCommand(CreateTagRequest.newBuilder().setName("x").build(), newId()).toBuilder().setBaseVersion(3).build()
        val other = withRequestId(mutation, "other")
        assertEquals("other" to 3L, requestIdOf(other) to other.baseVersion)
        assertEquals(mutation, withRequestId(other, requestIdOf(mutation)))
    }
}
