/** Does the table of kinds say what the contract says? And are those of a later contract kept until a version that knows them? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import tallystick.client.cases
import tallystick.client.newId
import tallystick.client.text
import tallystick.client.vectors
import tallystick.v1.Change
import tallystick.v1.Entity
import tallystick.v1.Entity.KindCase
import tallystick.v1.Tag

class KindsTest {
    private fun <M : MessageLite> again(kind: Kind<M>, entity: Entity): Entity = kind.wrap(kind.of(entity))

    @Test
    fun `every kind of the contract is in the table, each under its own name`() {
        assertEquals(KindCase.values().toSet() - KindCase.KIND_NOT_SET, Kinds.byCase.keys)
        assertEquals(Kinds.all.size, Kinds.byName.size)
    }

    @Test
    fun `an entity of every kind has a name, and is itself again`() {
        val cases = vectors("entities.json").cases("entities")
        assertEquals(Kinds.byName.keys, cases.map { it.text("kind") }.toSet())
        for (case in cases) {
            val entity = Entity.parseFrom(case.text("hex").chunked(2).map { it.toInt(16).toByte() }.toByteArray())
            val kind = Kinds.byName.getValue(case.text("kind"))
            assertEquals(case.text("kind"), nameOf(entity)?.kind)
            assertTrue(checkNotNull(nameOf(entity)).id.length == 36, case.text("kind"))
            assertEquals(entity, again(kind, entity))
        }
    }

    @Test
    fun `an entity of a kind that is not known is kept, and read once it is`() = runBlocking {
        val id = newId()
        val tag = Tag.newBuilder().setId(id).setName("Later").build()
        // As field 999 of an Entity: its tag takes two bytes.
        val later = Entity.parseFrom(byteArrayOf(0xBA.toByte(), 0x3E, tag.serializedSize.toByte()) + tag.toByteArray())
        assertEquals(Name("#999", id), nameOf(later))
        assertNull(nameOf(Entity.getDefaultInstance()))
        onDevice(MemoryStorage()) {
            val change = Change.newBuilder().setEntity(later).setVersion(1).build()
            storage.write { putChanges(it, space.id, 0, listOf(change)) }
            assertNull(digestOf(storage.read { it.all(ENTITIES, listOf(space.id)) }))
            val known = Entity.newBuilder().setTag(tag).build().toByteArray()
            storage.write { tx ->
                tx.deleteAll(ENTITIES, listOf(space.id))
                tx.put(ENTITIES, EntityRow(space.id, 0, unknownKind(KindCase.TAG.number), id, 1, false, known))
            }
            assertEquals("Later", OfflineBook.open(storage, space.id).get(Kinds.TAG, id)?.name)
        }
    }
}
