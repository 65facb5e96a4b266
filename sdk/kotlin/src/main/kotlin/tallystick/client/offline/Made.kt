/** What does a command not say of itself? Where, by whom and when it was made. */
package tallystick.client.offline

import com.google.protobuf.Timestamp

internal class Made(
    val spaceId: String,
    /** Empty: the app has not said. */
    val userId: String,
    /** Null: it says nothing of it. */
    val at: Timestamp?,
)
