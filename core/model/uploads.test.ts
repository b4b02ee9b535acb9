import { describe, expect, test } from "bun:test";
import { parseDataUri, uploadTypeOf } from "./uploads.ts";

describe("uploadTypeOf", () => {
  const known = {
    "image/jpeg": "image/jpeg",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "IMAGE/JPG": "image/jpeg",
    "image/png": "image/png",
    "image/x-png": "image/png",
    "Image/WebP; charset=binary": "image/webp",
  } as const;
  test.each(Object.entries(known))("%s means %s", (name, type) => {
    expect(uploadTypeOf(name)).toBe(type);
  });

  test("other kinds are none", () => {
    for (const name of ["image/gif", "image/svg+xml", "text/html", "", "image/jpegx", "image"]) {
      expect(uploadTypeOf(name)).toBeNull();
    }
  });
});

describe("parseDataUri", () => {
  test("takes the names that browsers and phones write, in any case, with parameters", () => {
    const jpeg = { contentType: "image/jpeg", base64: "AAAA" } as const;

    expect(parseDataUri("data:image/jpg;base64,AAAA")).toEqual(jpeg);
    expect(parseDataUri("DATA:Image/PJPEG;BASE64,AAAA")).toEqual(jpeg);
    expect(parseDataUri("data:image/jpeg;name=a.jpg;base64,AAAA")).toEqual(jpeg);
    expect(parseDataUri("https://example.com/a.jpg")).toBeNull();
  });

  test("what is no picture, or not in base64, is refused with what is taken", () => {
    const wrong = ["data:text/html;base64,AAAA", "data:image/jpg,AAAA", "data:image/png;base64,"];
    for (const address of wrong) {
      expect(() => parseDataUri(address)).toThrow("image/jpeg, image/png or image/webp, in base64");
    }
  });
});
