import { describe, expect, test } from "bun:test";
import { DrapeError } from "./errors.ts";
import { imageSourceOf } from "./image-source.ts";

const objects = {
  keyOfUrl: (url: string) =>
    url.startsWith("https://cos.test/") ? url.slice("https://cos.test/".length) : null,
};
const rules = { userId: "usr_a", allowHttpHosts: ["127.0.0.1:9000"] };
const codeOf = (url: string) => {
  try {
    imageSourceOf(url, objects, rules);
    return "accepted";
  } catch (error) {
    return error instanceof DrapeError ? error.code : String(error);
  }
};

describe("image sources", () => {
  test("https addresses and own objects are taken", () => {
    expect(imageSourceOf("https://example.com/衬衫.jpg", objects, rules)).toEqual({
      url: "https://example.com/衬衫.jpg",
    });
    expect(imageSourceOf("https://cos.test/u/usr_a/up/1.jpg", objects, rules)).toMatchObject({
      key: "u/usr_a/up/1.jpg",
    });
  });

  test("another customer's object does not exist", () => {
    expect(codeOf("https://cos.test/u/usr_b/up/1.jpg")).toBe("NOT_FOUND");
    expect(codeOf("https://cos.test/t/task_x/image-0.jpg")).toBe("NOT_FOUND");
  });

  test("plain http is taken from the allowed host alone", () => {
    expect(codeOf("http://127.0.0.1:9000/a.jpg")).toBe("accepted");
    expect(codeOf("http://127.0.0.1:9001/a.jpg")).toBe("IMAGE_SOURCE_REFUSED");
    expect(codeOf("http://example.com/a.jpg")).toBe("IMAGE_SOURCE_REFUSED");
  });

  test("other schemes, user names, ports, spaces and nonsense are refused", () => {
    for (const url of [
      "file:///etc/passwd",
      "ftp://example.com/a.jpg",
      "https://user@example.com/a.jpg",
      "https://example.com:8443/a.jpg",
      "https://example.com/a b.jpg",
      "https:\\\\example.com/a.jpg",
      "shirt.jpg",
    ]) {
      expect(codeOf(url)).toBe("IMAGE_SOURCE_REFUSED");
    }
  });
});
