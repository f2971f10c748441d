// Verifies messages of webhooks, from standard input, and prints the types of their events.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const { secrets, messages } = JSON.parse(readFileSync(0, "utf-8"));
for (const { headers, body } of messages) {
  const verified = secrets.map((secret) => new Webhook(secret).verify(body, headers));
  console.log(verified[0].type);
}
