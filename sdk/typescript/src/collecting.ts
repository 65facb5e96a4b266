/** What has come out of something, once it has ended? */
export async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const collected = [];
  for await (const message of messages) {
    collected.push(message);
  }
  return collected;
}
