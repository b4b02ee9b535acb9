/** One SVG in the making: shapes in order, gradients named as they come. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** The shorter side: the unit for everything that should keep its shape in any format. */
  readonly unit: number;
  add(markup: string): void;
  rect(box: Box, fill: string, attributes?: string): void;
  circle(x: number, y: number, radius: number, fill: string): void;
  ellipse(box: Box, fill: string, attributes?: string): void;
  path(d: string, fill: string, attributes?: string): void;
  /** A gradient across the shape it fills; angle 0 runs to the right, 90 downwards. */
  linear(stops: readonly Stop[], angle?: number): string;
  /** A round gradient; by default across the shape, or with centre and radius in pixels. */
  radial(stops: readonly Stop[], circle?: { x: number; y: number; radius: number }): string;
  /** Adds a filter, gradient or clip by hand; answers a name that is free. */
  define(markup: (name: string) => string): string;
  isEmpty(): boolean;
  svg(): string;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Offset 0..1, hex colour, opacity (1 when left out). */
type Stop = readonly [offset: number, colour: string, opacity?: number];

/** `mirrored` flips everything drawn, left to right. */
export function createDrawing(width: number, height: number, mirrored = false): Drawing {
  const definitions: string[] = [];
  const body: string[] = [];
  const define = (markup: (name: string) => string) => {
    const name = `d${definitions.length}`;
    definitions.push(markup(name));
    return name;
  };
  const add = (markup: string) => void body.push(markup);
  return {
    width,
    height,
    unit: Math.min(width, height),
    add,
    define,
    rect: (box, fill, attributes = "") =>
      add(
        `<rect x="${f(box.x)}" y="${f(box.y)}" width="${f(box.width)}" height="${f(box.height)}" fill="${fill}" ${attributes}/>`,
      ),
    circle: (x, y, radius, fill) =>
      add(`<circle cx="${f(x)}" cy="${f(y)}" r="${f(radius)}" fill="${fill}"/>`),
    ellipse: (box, fill, attributes = "") =>
      add(
        `<ellipse cx="${f(box.x)}" cy="${f(box.y)}" rx="${f(box.width)}" ry="${f(box.height)}" fill="${fill}" ${attributes}/>`,
      ),
    path: (d, fill, attributes = "") => add(`<path d="${d}" fill="${fill}" ${attributes}/>`),
    linear: (stops, angle = 90) => {
      const turn = (angle * Math.PI) / 180;
      const [dx, dy] = [Math.cos(turn) / 2, Math.sin(turn) / 2];
      const ends = `x1="${f(0.5 - dx)}" y1="${f(0.5 - dy)}" x2="${f(0.5 + dx)}" y2="${f(0.5 + dy)}"`;
      const name = define(
        (id) => `<linearGradient id="${id}" ${ends}>${stopTags(stops)}</linearGradient>`,
      );
      return `url(#${name})`;
    },
    radial: (stops, circle) => {
      const centre = circle
        ? `gradientUnits="userSpaceOnUse" cx="${f(circle.x)}" cy="${f(circle.y)}" r="${f(circle.radius)}"`
        : "";
      const name = define(
        (id) => `<radialGradient id="${id}" ${centre}>${stopTags(stops)}</radialGradient>`,
      );
      return `url(#${name})`;
    },
    isEmpty: () => body.length === 0,
    svg: () => {
      const flip = mirrored ? `transform="translate(${width} 0) scale(-1 1)"` : "";
      const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`;
      return `${head}<defs>${definitions.join("")}</defs><g ${flip}>${body.join("")}</g></svg>`;
    },
  };
}

/** Numbers short enough for markup. */
export function f(value: number): string {
  return (Math.round(value * 1000) / 1000).toString();
}

function stopTags(stops: readonly Stop[]): string {
  return stops
    .map(
      ([offset, colour, opacity = 1]) =>
        `<stop offset="${f(offset)}" stop-color="${colour}" stop-opacity="${f(opacity)}"/>`,
    )
    .join("");
}
