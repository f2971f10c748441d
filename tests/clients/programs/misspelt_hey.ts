// Slips that tsc has to find in a program on hey-api's client: one in each line that says so, and no others.
import { createAuthor, createBook, listBooks } from "./hey/sdk.gen.js";
import type { BatchResult, Book, Problem } from "./hey/types.gen.js";

export async function misspell(book: Book, problem: Problem, result: BatchResult) {
  await createBook({ body: { title: "Emma", author_id: 1 } });
  await createBook({ body: { titel: "Emma", author_id: 1 } }); // misspelt
  await createBook({ body: { title: 1, author_id: 1 } }); // misspelt
  await createBook({ body: { author_id: 1 } }); // misspelt
  await createBook({ body: { title: "Emma", contributors: [{ author_id: 1, role: "author" }] } }); // misspelt
  await createAuthor({ body: { name: "Jane Austen" } });
  await createAuthor({ body: { nmae: "Jane Austen" } }); // misspelt
  const listed = await listBooks({ query: { sort: "-title" } });
  await listBooks({ query: { sort: "-titel" } }); // misspelt
  listed.data?.[0]?.title.toUpperCase();
  listed.data?.[0]?.titel; // misspelt
  listed.error?.code.toUpperCase();
  listed.error?.kode; // misspelt
  book.subtitle.length; // misspelt
  problem.errors.length; // misspelt
  result.index.toFixed();
  result.book.title; // misspelt
}
