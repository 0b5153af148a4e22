// What a partner writes with the generated types: it has to compile, strictly.
import type { components, paths } from "./api";

type Items = paths["/api/v1/items"]["get"];
type Page = Items["responses"][200]["content"]["application/json"];
type Gone = paths["/api/v1/items/{content_id}"]["get"]["responses"][410]["content"];
type Query = NonNullable<Items["parameters"]["query"]>;

export const query: Query = { kind: "news", area: "shropshire", limit: 50 };

export function titles(page: Page): string[] {
  return page.items.map((item: components["schemas"]["ListedItem"]) => item.title);
}

export function following(page: Page): string | null {
  return page.next;
}

export function replacement(gone: Gone["application/problem+json"]): string | undefined {
  return gone.replacement?.url;
}
