// Fastify with pg: a cluster of two, prepared statements by name, responses serialized by their schemas.
import cluster from "node:cluster";
import Fastify from "fastify";
import pg from "pg";

const PAGE = 50;
const CONTRIBUTORS = `(
  SELECT json_agg(json_build_object('author_id', c.author_id, 'name', a.name, 'role', c.role) ORDER BY c.position)
  FROM book_contributors c JOIN authors a ON a.id = c.author_id WHERE c.book_id = b.id
) AS contributors`;
const GENRES = `ARRAY(
  SELECT g.name FROM book_genres l JOIN genres g ON g.id = l.genre_id WHERE l.book_id = b.id ORDER BY l.position
) AS genres`;
const OWN_COLUMNS = `b.id, b.title, b.subtitle, b.author_id, b.isbn, b.published_year, b.language, b.publisher,
  b.description, b.pages, b.series, b.series_position, b.cover_url, b.sort_title, b.published,
  coalesce(b.identifiers, '[]')::json AS identifiers, coalesce(b.links, '[]')::json AS links, b.call_number, b.location,
  b.created_at, b.updated_at, b.created_by, b.updated_by, b.version`;
const BOOKS = `SELECT ${OWN_COLUMNS}, ${CONTRIBUTORS}, ${GENRES} FROM books b`;
const AUTHOR = `SELECT id, name, sort_name, bio, country, birth_year, death_year,
  coalesce(aliases, '[]')::json AS aliases, coalesce(identifiers, '[]')::json AS identifiers, created_at, updated_at,
  updated_by, version FROM authors WHERE id = $1`;
const OF_AUTHOR = `${BOOKS} WHERE b.id IN (SELECT book_id FROM book_contributors WHERE author_id = $3) AND b.id > $1
  ORDER BY b.id LIMIT $2`;
const INSERT = `INSERT INTO books AS b (title, subtitle, author_id, isbn, published_year, language, publisher,
  publisher_key, description, pages, series, series_position, cover_url, sort_title, title_key, published, identifiers,
  links, call_number, location, created_at, updated_at, created_by, updated_by, version)
  VALUES ($1, $2, $3, $4, $5, $6, $7::text, lower($7), $8, $9, $10, $11, $12, $13::text, lower($13), $14, $15, $16, $17,
  $18, $19, $19, 1, 1, 1)
  RETURNING ${OWN_COLUMNS}`;
const ARTICLES = new Set(["a", "an", "the"]);

const text = { type: "string" };
const whole = { type: "integer" };
const orNull = (schema) => ({ ...schema, nullable: true });
const object = (properties, required) => ({ type: "object", properties, required });
const Contributor = object({ author_id: whole, name: text, role: text });
const moment = { type: "string", format: "date-time" };
const Identifier = object({ type: text, value: text });
const Link = object({ rel: text, href: text, type: orNull(text), title: orNull(text) });
const listOf = (items) => ({ type: "array", items });
const Book = object({
  id: whole, title: text, subtitle: orNull(text), author_id: whole, contributors: listOf(Contributor),
  isbn: orNull(text), published_year: orNull(whole), language: orNull(text), publisher: orNull(text),
  description: orNull(text), pages: orNull(whole), series: orNull(text), series_position: orNull({ type: "number" }),
  cover_url: orNull(text), genres: listOf(text), sort_title: text, published: orNull(text),
  identifiers: listOf(Identifier), links: listOf(Link), call_number: orNull(text), location: orNull(text),
  created_at: moment, updated_at: moment, created_by: orNull(whole), updated_by: orNull(whole), version: whole,
});
const Author = object({
  id: whole, name: text, sort_name: text, bio: orNull(text), country: orNull(text), birth_year: orNull(whole),
  death_year: orNull(whole), aliases: listOf(text), identifiers: listOf(Identifier), created_at: moment, updated_at: moment, updated_by: orNull(whole), version: whole,
});
const LinkCreate = object(
  {
    rel: { type: "string", maxLength: 255 }, href: text, type: orNull({ type: "string", default: null }),
    title: orNull({ type: "string", maxLength: 255, default: null }),
  },
  ["rel", "href"],
);
const BookCreate = object(
  {
    title: { type: "string", minLength: 1, maxLength: 500 },
    subtitle: orNull({ type: "string", maxLength: 500 }),
    contributors: {
      type: "array", minItems: 1,
      items: object({ author_id: whole, role: { type: "string", pattern: "^[a-z]{3}$" } }, ["author_id"]),
    },
    isbn: orNull({ type: "string", pattern: "^97[89][0-9]{10}$" }),
    published_year: orNull({ type: "integer", minimum: -5000, maximum: 9999 }),
    language: orNull({ type: "string", maxLength: 35 }),
    publisher: orNull({ type: "string", maxLength: 255 }),
    description: orNull(text),
    pages: orNull({ type: "integer", minimum: 1, maximum: 100000 }),
    series: orNull({ type: "string", maxLength: 500 }),
    series_position: orNull({ type: "number" }),
    cover_url: orNull(text),
    genres: { type: "array", items: text, default: [] },
    sort_title: { type: "string", minLength: 1, maxLength: 500 },
    published: orNull({ type: "string", pattern: "^[0-9]{4}(-[0-9]{2}){0,2}$" }),
    identifiers: {
      type: "array", maxItems: 50, default: [],
      items: object({ type: { type: "string", maxLength: 20 }, value: { type: "string", maxLength: 255 } }, ["type", "value"]),
    },
    links: { type: "array", maxItems: 20, default: [], items: LinkCreate },
    call_number: orNull({ type: "string", maxLength: 255 }),
    location: orNull({ type: "string", maxLength: 255 }),
  },
  ["title", "contributors"],
);
const byId = object({ id: whole });
const paging = object({
  author_id: whole, q: text, after: { type: "integer", default: 0 },
  limit: { type: "integer", minimum: 1, maximum: 200, default: PAGE },
});

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

async function serve() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
  const app = Fastify();
  const rowsOf = async (name, statement, values) => (await pool.query({ name, text: statement, values })).rows;

  app.get("/books/:id", { schema: { params: byId, response: { 200: Book } } }, async (request, reply) => {
    const [book] = await rowsOf("book", `${BOOKS} WHERE b.id = $1`, [request.params.id]);
    return book ?? reply.code(404).send({ error: "No book has that id." });
  });

  app.get("/books", { schema: { querystring: paging, response: { 200: { type: "array", items: Book } } } }, (request) => {
    const { author_id: author, q, after, limit } = request.query;
    if (q !== undefined) {
      const words = q.split(/\s+/).filter(Boolean);
      const having = words.map((_, place) => `(b.title ILIKE $${place + 3} OR EXISTS (
        SELECT FROM book_contributors c JOIN authors a ON a.id = c.author_id
        WHERE c.book_id = b.id AND a.name ILIKE $${place + 3}))`);
      const found = [`${BOOKS} WHERE b.id > $1`, ...having].join(" AND ");
      const values = [after, limit, ...words.map((word) => `%${word}%`)];
      return rowsOf(`words ${words.length}`, `${found} ORDER BY b.id LIMIT $2`, values);
    }
    if (author !== undefined) return rowsOf("of author", OF_AUTHOR, [after, limit, author]);
    return rowsOf("page", `${BOOKS} WHERE b.id > $1 ORDER BY b.id LIMIT $2`, [after, limit]);
  });

  app.get("/authors/:id", { schema: { params: byId, response: { 200: Author } } }, async (request, reply) => {
    const [author] = await rowsOf("author", AUTHOR, [request.params.id]);
    return author ?? reply.code(404).send({ error: "No author has that id." });
  });

  const AuthorBooks = object({ status: text, author: Author, books: { type: "array", items: Book } });
  app.get("/authors/:id/books", { schema: { params: byId, response: { 200: AuthorBooks } } }, async (request, reply) => {
    const [author] = await rowsOf("author", AUTHOR, [request.params.id]);
    if (author === undefined) return reply.code(404).send({ error: "No author has that id." });
    return { status: "success", author, books: await rowsOf("of author", OF_AUTHOR, [0, PAGE, request.params.id]) };
  });

  app.post("/books", { schema: { body: BookCreate, response: { 201: Book } } }, async (request, reply) => {
    const book = await inTransaction(pool, (db) => create(db, request.body));
    if (book === undefined) return reply.code(400).send({ error: "No author has that id." });
    return reply.code(201).send(book);
  });

  await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
  process.once("SIGTERM", () => process.exit(0));
}

async function inTransaction(pool, work) {
  const db = await pool.connect();
  try {
    await db.query("BEGIN");
    const done = await work(db);
    await db.query("COMMIT");
    return done;
  } catch (error) {
    await db.query("ROLLBACK");
    throw error;
  } finally {
    db.release();
  }
}

async function create(db, body) {
  const rowsOf = async (name, statement, values) => (await db.query({ name, text: statement, values })).rows;
  const ids = body.contributors.map((part) => part.author_id);
  const authors = await rowsOf("names", "SELECT id, name FROM authors WHERE id = ANY($1)", [ids]);
  const names = new Map(authors.map((author) => [author.id, author.name]));
  if (!ids.every((id) => names.has(id))) return undefined;
  const genres = await genreIds(rowsOf, body.genres);
  const { identifiers, links } = body;
  const [book] = await rowsOf("insert", INSERT, [
    body.title, body.subtitle, ids[0], body.isbn, body.published_year, body.language, body.publisher, body.description,
    body.pages, body.series, body.series_position, body.cover_url, body.sort_title ?? sortTitle(body), body.published,
    JSON.stringify(identifiers), JSON.stringify(links), body.call_number, body.location, new Date(),
  ]);
  const roles = body.contributors.map((part) => part.role ?? "aut");
  await rowsOf(
    "insert contributors",
    `INSERT INTO book_contributors (book_id, author_id, role, position)
      SELECT $1, author_id, role, position - 1
      FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY parts (author_id, role, position)`,
    [book.id, ids, roles],
  );
  await rowsOf(
    "insert genres",
    `INSERT INTO book_genres (book_id, genre_id, position)
      SELECT $1, genre_id, position - 1 FROM unnest($2::bigint[]) WITH ORDINALITY links (genre_id, position)`,
    [book.id, genres],
  );
  await rowsOf(
    "insert identifiers",
    `INSERT INTO book_identifiers (book_id, type, value)
      SELECT $1, type, value FROM unnest($2::text[], $3::text[]) AS given (type, value)`,
    [book.id, identifiers.map((one) => one.type), identifiers.map((one) => one.value)],
  );
  book.contributors = ids.map((id, place) => ({ author_id: id, name: names.get(id), role: roles[place] }));
  book.genres = body.genres;
  return book;
}

function sortTitle({ title, language }) {
  const [article, ...rest] = title.split(" ");
  const isFiled = language?.split("-")[0] === "en" && ARTICLES.has(article.toLowerCase()) && rest.length > 0;
  return isFiled ? `${rest.join(" ")}, ${article}` : title;
}

async function genreIds(rowsOf, names) {
  const keys = names.map((name) => name.toLowerCase());
  const found = await rowsOf("genres", "SELECT id, name_key FROM genres WHERE name_key = ANY($1)", [keys]);
  const known = new Map(found.map((genre) => [genre.name_key, genre.id]));
  for (const name of names.filter((one) => !known.has(one.toLowerCase()))) {
    const insert = "INSERT INTO genres (name, name_key, filter_key) VALUES ($1::text, lower($1), lower($1)) RETURNING id";
    const [{ id }] = await rowsOf("insert genre", insert, [name]);
    known.set(name.toLowerCase(), id);
  }
  return keys.map((key) => known.get(key));
}

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.env.WORKERS); worker += 1) cluster.fork();
  process.once("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill("SIGTERM");
    process.exit(0);
  });
} else {
  await serve();
}
