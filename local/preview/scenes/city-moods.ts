/** The colours of a city at one hour. */
export interface CityMood {
  readonly sky: readonly [string, string, string];
  readonly walls: readonly [string, ...string[]];
  readonly windows: readonly [string, ...string[]];
  readonly lights: readonly [string, ...string[]];
  readonly road: string;
  readonly light: string;
}

export const duskMoods: readonly [CityMood, ...CityMood[]] = [
  {
    sky: ["#3d4f7c", "#a8849c", "#f2b48a"],
    walls: ["#4a4658", "#5c4f57", "#39404f", "#6b5a58"],
    windows: ["#ffd38a", "#ffbd6b", "#ffe7bd"],
    lights: ["#ffc46b", "#ffe0a0", "#ff9d5c", "#ffd9c0"],
    road: "#4d4a57",
    light: "#ffe0b8",
  },
  {
    sky: ["#4f6f94", "#9fb4c4", "#f0d9bd"],
    walls: ["#77706d", "#8d7f74", "#5f666f", "#a08c7b"],
    windows: ["#ffe6b0", "#fff1d2", "#cfdde8"],
    lights: ["#ffdf9e", "#fff0cc", "#ffb777", "#e6f0ff"],
    road: "#716d6c",
    light: "#ffeccd",
  },
];

export const nightMoods: readonly [CityMood, ...CityMood[]] = [
  {
    sky: ["#0b1030", "#2a1d52", "#5b2a67"],
    walls: ["#11132b", "#1a1836", "#0d1024", "#221a3d"],
    windows: ["#ffd27a", "#8fd0ff", "#ff9ad5"],
    lights: ["#ff4fa3", "#5ad1ff", "#9b6bff", "#ffb35c"],
    road: "#16152c",
    light: "#ffc9ec",
  },
  {
    sky: ["#061a2b", "#0d3550", "#1f5a6b"],
    walls: ["#0b1c2a", "#102636", "#081522", "#15303f"],
    windows: ["#ffe09a", "#a5f0ff", "#ffb88a"],
    lights: ["#3fe0d0", "#ffb347", "#6fa8ff", "#ff7a6b"],
    road: "#0e1c28",
    light: "#d8f4ff",
  },
];
