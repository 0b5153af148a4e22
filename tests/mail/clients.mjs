// What of a mail's HTML some mail program does not know, each feature once.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const [packages, file] = process.argv.slice(2);
const found = createRequire(`${packages}/`).resolve("caniemail");
const { caniemail } = await import(pathToFileURL(found));
const { issues } = caniemail({
  clients: ["gmail.*", "outlook.*", "apple-mail.*", "yahoo.*"],
  html: readFileSync(file, "utf8"),
});
const titles = new Set();
for (const list of issues.errors.values()) {
  for (const issue of list) titles.add(issue.title);
}
process.stdout.write(JSON.stringify([...titles].sort()));
