interface ArkBody {
  readonly model: string;
  readonly created: number;
  readonly data: readonly object[];
  readonly usage: object;
}

/** Ark's answer as `stream: true` gives it: an event for each picture, then the bill. */
export function arkEvents({ model, created, data, usage }: ArkBody): object[] {
  return [
    ...data.map((item, image_index) => ({
      type: "image_generation.partial_succeeded",
      model,
      created,
      image_index,
      ...item,
    })),
    { type: "image_generation.completed", model, created, usage },
  ];
}

/** A finished picture that the content check kept back: in a stream this comes as an event, and nothing is billed. */
export function arkFailedEvents(error: { code: string; message: string }, model: string): object[] {
  const created = Math.floor(Date.now() / 1000);
  return [
    { type: "image_generation.partial_failed", model, created, image_index: 0, error },
    {
      type: "image_generation.completed",
      model,
      created,
      usage: { generated_images: 0, output_tokens: 0, total_tokens: 0 },
    },
  ];
}
