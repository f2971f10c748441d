// A program on the client that hey-api makes: from registration to deletion.
import { createClient, createConfig } from "./hey/client/index.js";
import {
  batchBooks,
  createAuthor,
  createBook,
  deleteAuthor,
  deleteBook,
  getBook,
  listBooks,
  login,
  register,
  updateBook,
} from "./hey/sdk.gen.js";
import type { Book, BookCreate } from "./hey/types.gen.js";

declare const process: { argv: string[] };

const baseUrl = process.argv[2] ?? "";
const visitor = createClient(createConfig({ baseUrl }));
const password = "correct horse battery";

function expect(claim: boolean, what: string): asserts claim {
  if (!claim) throw new Error(what);
}
function given<T>(reply: { data?: T; error?: { code: string } | undefined }): T {
  expect(reply.data !== undefined, `refused: ${reply.error?.code}`);
  return reply.data;
}
/** One type stands for a book, whether it was read, listed or just written. */
const titleOf = (book: Book): string => book.title;

given(await register({ client: visitor, body: { username: "edsger", password } }));
const token = given(await login({ client: visitor, body: { username: "edsger", password } }));
const client = createClient(createConfig({ baseUrl, auth: () => token.access_token }));

const author = given(await createAuthor({ client, body: { name: "Jane Austen" } }));
const body: BookCreate = { title: "Emma", contributors: [{ author_id: author.id, role: "aut" }], genres: ["Irony"] };
const book = given(await createBook({ client, body }));
expect(titleOf(book) === "Emma" && book.message === "book 'Emma' created", "created");

const listed = given(await listBooks({ client: visitor, query: { genre: ["irony"], sort: "-published_year" } }));
expect(listed.length === 1 && listed.map(titleOf).join() === "Emma", "listed");
const refused = await listBooks({ client: visitor, query: { cursor: "of another list" } });
expect(refused.error?.code === "invalid_cursor", "an error of a list has a type");

const path = { book_id: book.id };
const read = await getBook({ client: visitor, path });
expect(given(read).contributors[0]?.role === "aut", "read");
const headers = { "If-Match": read.response?.headers.get("ETag") ?? "" };
const changed = given(await updateBook({ client, path, headers, body: { pages: 512 } }));
expect(changed.pages === 512 && changed.version === 2, "changed");
const stale = await updateBook({ client, path, headers, body: { pages: null } });
expect(stale.error?.code === "version_mismatch", "stale");

const books: BookCreate[] = [
  { title: "Persuasion", author_id: author.id },
  { title: " ", author_id: author.id },
];
const [good, bad] = given(await batchBooks({ client, query: { atomic: false }, body: { books } })).results;
expect(good?.outcome === "succeeded", "good");
expect(good.index === 0 && titleOf(good.book) === "Persuasion", "good");
expect(bad?.outcome === "failed", "bad");
expect(bad.problem.errors?.[0]?.pointer === "/title" && bad.problem.errors[0].parameter === undefined, "bad");

for (const { id } of [book, good.book]) {
  expect(given(await deleteBook({ client, path: { book_id: id } })).status === "success", "deleted");
}
const gone = await getBook({ client: visitor, path });
expect(gone.error?.code === "book_deleted", "gone");
given(await deleteAuthor({ client, path: { author_id: author.id } }));
