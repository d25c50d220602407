// An ONNX file as large as one likes, made in the page of one piece that it holds again and again.

/**
 * Makes `globalThis.large`: a convolution, and so many unused weights that together have so many MiB. Says how many
 * bytes the file has.
 */
export const makeLarge = (page, { megabytes, weights }) => page.evaluate(([megabytes, weights]) => {
  const varint = (value) => {
    const bytes = [];
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    return [...bytes, value];
  };
  const part = (number, bytes) => [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
  const text = (number, words) => part(number, [...new TextEncoder().encode(words)]);
  const int = (number, value) => [...varint(number * 8), ...varint(value)];
  // A blob in a blob is not copied.
  const zeros = new Blob([new Uint8Array(1 << 20)]);
  const each = Math.round(megabytes / weights);
  const length = each * zeros.size;
  const head = [
    ...[1, length / 4].flatMap((size) => int(1, size)), ...int(2, 1), ...text(8, "unused"), ...varint(9 * 8 + 2), ...varint(length),
  ];
  const weight = Uint8Array.from([...varint(5 * 8 + 2), ...varint(head.length + length), ...head]);
  const dims = [8, 3, 3, 3].flatMap((size) => int(1, size));
  const kernel = part(5, [...dims, ...int(2, 1), ...text(8, "w")]);
  const node = part(1, [...text(1, "x"), ...text(1, "w"), ...text(2, "y"), ...text(4, "Conv")]);
  const shape = part(2, [1, 3, 32, 32].flatMap((size) => part(1, int(1, size))));
  const input = part(11, [...text(1, "x"), ...part(2, part(1, [...int(1, 1), ...shape]))]);
  const rest = [...kernel, ...node, ...input];
  const graph = weights * (weight.length + length) + rest.length;
  const begin = Uint8Array.from([...int(1, 8), ...part(8, int(2, 17)), ...varint(7 * 8 + 2), ...varint(graph)]);
  const stored = Array.from({ length: weights }, () => [weight, ...Array(each).fill(zeros)]).flat();
  globalThis.large = new File([begin, ...stored, Uint8Array.from(rest)], "large.onnx");
  return globalThis.large.size;
}, [megabytes, weights]);

/** Lets go of it over the page. */
export const dropLarge = (page) => page.evaluate(() => {
  const data = new DataTransfer();
  data.items.add(globalThis.large);
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
});

/** The bytes that the memory of the program that reads networks has grown to; it never shrinks. */
export async function readerMemory(page) {
  const reader = page.workers().find((worker) => worker.url().endsWith("?networks"));
  // The module is there already, and its start gives what it gave.
  return reader.evaluate(async () => {
    const { default: start } = await import(new URL("./networks.js", location.href));
    return (await start()).memory.buffer.byteLength;
  });
}
