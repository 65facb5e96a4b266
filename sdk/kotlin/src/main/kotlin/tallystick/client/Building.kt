/** How is a message written? By its builder, in one expression; Kotlin's own generated builders would double the size of the SDK. */
package tallystick.client

import com.google.protobuf.GeneratedMessageLite

/**
 * Writes a message: `CreateBookRequest.newBuilder().build { requestId = newId(); name = "Home" }`. Another like one that there is:
 * `message.toBuilder().build { name = "Summer" }`.
 */
public inline fun <M : GeneratedMessageLite<M, B>, B : GeneratedMessageLite.Builder<M, B>> B.build(write: B.() -> Unit): M =
    apply(write).build()
