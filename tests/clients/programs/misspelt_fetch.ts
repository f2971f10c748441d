// Slips that tsc has to find in a program on openapi-fetch: one in each line that says so, and no others.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const client = createClient<paths>();
type Schemas = components["schemas"];
export async function misspell(book: Schemas["Book"], problem: Schemas["Problem"], result: Schemas["BatchResult"]) {
  await client.POST("/books", { body: { title: "Emma", author_id: 1 } });
  await client.POST("/books", { body: { titel: "Emma", author_id: 1 } }); // misspelt
  await client.POST("/books", { body: { title: 1, author_id: 1 } }); // misspelt
  await client.POST("/books", { body: { author_id: 1 } }); // misspelt
  await client.POST("/authors", { body: { name: "Jane Austen" } });
  await client.POST("/authors", { body: { nmae: "Jane Austen" } }); // misspelt
  await client.POST("/auth/keys", { body: { name: "import", scopes: ["books:write"] } });
  await client.POST("/auth/keys", { body: { name: "import", scopes: ["books:wriet"] } }); // misspelt
  await client.POST("/books", { body: { title: "Emma", contributors: [{ author_id: 1 }] } });
  await client.POST("/books", { body: { title: "Emma", contributors: [{ author_id: 1, role: "author" }] } }); // misspelt
  await client.POST("/books/batch", { body: { books: [{ title: "Emma", author_id: 1 }] } });
  await client.POST("/books/batch", { body: { books: [{ titel: "Emma" }] } }); // misspelt
  await client.GET("/books", { params: { query: { sort: "-title" } } });
  await client.GET("/books", { params: { query: { sort: "-titel" } } }); // misspelt
  const listed = await client.GET("/books");
  listed.data?.[0]?.title.toUpperCase();
  listed.data?.[0]?.titel; // misspelt
  listed.error?.code.toUpperCase();
  listed.error?.kode; // misspelt
  book.subtitle.length; // misspelt
  book.message.length; // misspelt
  problem.errors.length; // misspelt
  problem.errors?.[0]?.pointer?.length;
  result.index.toFixed();
  result.book.title; // misspelt
}
