// A program on openapi-fetch with the types that openapi-typescript makes: from registration to deletion.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Book = components["schemas"]["Book"];
declare const process: { argv: string[] };

const baseUrl = process.argv[2] ?? "";
const visitor = createClient<paths>({ baseUrl });
const password = "correct horse battery";

function expect(claim: boolean, what: string): asserts claim {
  if (!claim) throw new Error(what);
}
function given<T>(reply: { data?: T; error?: { code: string } }): T {
  expect(reply.data !== undefined, `refused: ${reply.error?.code}`);
  return reply.data;
}
/** One type stands for a book, whether it was read, listed or just written. */
const titleOf = (book: Book): string => book.title;

given(await visitor.POST("/register", { body: { username: "grace", password } }));
const token = given(await visitor.POST("/auth/login", { body: { username: "grace", password } }));
const member = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token.access_token}` } });

const author = given(await member.POST("/authors", { body: { name: "Jane Austen" } }));
const contributors = [{ author_id: author.id, role: "aut" as const }];
const book = given(
  await member.POST("/books", { body: { title: "Emma", contributors, published_year: 1815, genres: ["Satire"] } }),
);
expect(titleOf(book) === "Emma" && book.message === "book 'Emma' created", "created");

const query = { genre: ["satire"], sort: "-published_year" as const, role: "aut" as const };
const listed = given(await visitor.GET("/books", { params: { query } }));
expect(listed.length === 1 && listed.map(titleOf).join() === "Emma", "listed");

const path = { book_id: book.id };
const read = await visitor.GET("/books/{book_id}", { params: { path } });
expect(given(read).contributors[0]?.role === "aut", "read");
const header = { "If-Match": read.response.headers.get("ETag") ?? "" };
const changed = given(await member.PUT("/books/{book_id}", { params: { path, header }, body: { pages: 512 } }));
expect(changed.pages === 512 && changed.version === 2, "changed");
const stale = await member.PUT("/books/{book_id}", { params: { path, header }, body: { pages: null } });
expect(stale.error?.code === "version_mismatch" && stale.error.status === 412, "stale");

const items = [
  { title: "Persuasion", author_id: author.id },
  { title: " ", author_id: author.id },
];
const batch = await member.POST("/books/batch", { params: { query: { atomic: false } }, body: { books: items } });
const [good, bad] = given(batch).results;
expect(good?.outcome === "succeeded", "good");
expect(good.index === 0 && titleOf(good.book) === "Persuasion", "good");
expect(bad?.outcome === "failed", "bad");
expect(bad.problem.errors?.[0]?.pointer === "/title" && bad.problem.errors[0].parameter === undefined, "bad");

for (const { id } of [book, good.book]) {
  const gone = given(await member.DELETE("/books/{book_id}", { params: { path: { book_id: id } } }));
  expect(gone.status === "success", "deleted");
}
const gone = await visitor.GET("/books/{book_id}", { params: { path } });
expect(gone.error?.code === "book_deleted", "gone");
given(await member.DELETE("/authors/{author_id}", { params: { path: { author_id: author.id } } }));
