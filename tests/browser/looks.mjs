// Is something drawn? Whatever the fonts: it is told by how many colours there are.

/** How many colours each part of a picture has: it is cut into so many columns and rows. */
export async function countColors(context, png, columns, rows) {
  const page = await context.newPage();
  try {
    return await page.evaluate(
      async ({ bytes, columns, rows }) => {
        const image = await createImageBitmap(new Blob([Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0))]));
        const canvas = new OffscreenCanvas(image.width, image.height);
        const pen = canvas.getContext("2d", { willReadFrequently: true });
        pen.drawImage(image, 0, 0);
        const [width, height] = [Math.floor(image.width / columns), Math.floor(image.height / rows)];
        const counts = [];
        for (let index = 0; index < columns * rows; index += 1) {
          const { data } = pen.getImageData((index % columns) * width, Math.floor(index / columns) * height, width, height);
          counts.push(new Set(new Uint32Array(data.buffer)).size);
        }
        return counts;
      },
      { bytes: png.toString("base64"), columns, rows },
    );
  } finally {
    await page.close();
  }
}

/** How many colours are drawn on a canvas. One that is blank has one. */
export function countDrawn(canvas) {
  return canvas.evaluate((element) => {
    const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
}
