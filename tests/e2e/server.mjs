// A static host of one folder under a sub-folder of its own, on a free port of this machine.
//
// It does what a plain host does: right types, brotli, 404 for what is not there. It also sends
// the page's policy as a header, and keeps a list of what was asked for.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const compress = promisify(brotliCompress);

export const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
].join("; ");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".webp": "image/webp",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};
const COMPRESSED = new Set([".html", ".css", ".js", ".mjs", ".wasm", ".json", ".svg", ".txt"]);

/**
 * Serves `dir` at `folder`.
 *
 * `pages` holds further files by their whole path, such as the page of somebody who embeds a
 * figure: `{ "/blog.html": "<iframe ..>" }`. They come without the policy.
 */
export async function serve(dir, { folder = "/some/sub/folder/", pages = {} } = {}) {
  const requests = [];
  const cache = new Map();

  async function answer(path) {
    if (Object.hasOwn(pages, path)) {
      return { status: 200, type: TYPES[extname(path)] ?? TYPES[".html"], body: Buffer.from(pages[path]) };
    }
    if (`${path}/` === folder) {
      return { status: 301, location: folder };
    }
    if (!path.startsWith(folder) || path.split("/").includes("..")) {
      return { status: 404 };
    }
    if (!cache.has(path)) {
      const name = path.slice(folder.length) || "index.html";
      const body = await readFile(join(dir, name)).catch(() => null);
      if (body === null) {
        return { status: 404 };
      }
      const extension = extname(name);
      // Beside the test, which would else stand still meanwhile. A debug build would take a minute.
      const brotli = COMPRESSED.has(extension) && body.length < 4_000_000
        ? await compress(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
        : null;
      const type = TYPES[extension] ?? "application/octet-stream";
      cache.set(path, { status: 200, type, body, brotli, policy: POLICY });
    }
    return cache.get(path);
  }

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    const { status, type = TYPES[".txt"], body = Buffer.from("Not found\n"), brotli, policy, location } = await answer(path);
    requests.push({ method: request.method, path, status });
    const headers = { "Content-Type": type, "X-Content-Type-Options": "nosniff", Vary: "Accept-Encoding" };
    if (policy) {
      headers["Content-Security-Policy"] = policy;
    }
    if (location) {
      headers.Location = location;
    }
    const accepted = (request.headers["accept-encoding"] ?? "").split(/\s*,\s*/);
    const sent = brotli && accepted.includes("br") ? brotli : body;
    if (sent === brotli) {
      headers["Content-Encoding"] = "br";
    }
    headers["Content-Length"] = sent.length;
    response.writeHead(status, headers);
    response.end(request.method === "HEAD" ? undefined : sent);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    /** Where the page is, with the slash at its end. */
    url: origin + folder,
    /** `{ method, path, status }` of every request so far. */
    requests,
    close: () => new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    }),
  };
}
